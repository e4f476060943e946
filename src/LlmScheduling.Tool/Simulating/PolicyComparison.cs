using System.Globalization;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>The same workload on the same engine under one policy after another.</summary>
/// <param name="Plan">What was asked.</param>
/// <param name="Workload">The requests, after scaling.</param>
/// <param name="SaturatedRate">What the engines can serve, in requests/s; null where nobody asked.</param>
/// <param name="Runs">The replays, in the order of the policies.</param>
internal sealed record PolicyComparison(SimulationPlan Plan, Workload Workload, double? SaturatedRate, IReadOnlyList<PolicyRun> Runs)
{
    /// <summary>Scales the workload to a load or a rate and replays it, policy after policy on this thread.</summary>
    public static PolicyComparison Of(SimulationPlan plan, double? load, double? rate, ToolHost host, CancellationToken cancellationToken)
    {
        double? saturated = load is null ? null : plan.Instances * WorkloadScaling.SaturatedRate(plan.Workload, plan.Engine, plan.Seed);
        double? target = load * saturated ?? rate;
        Workload workload = target is { } requestsPerSecond ? WorkloadScaling.AtRate(plan.Workload, requestsPerSecond) : plan.Workload;
        var runs = new List<PolicyRun>();
        ProgressBar.Run(host, progressOf =>
        {
            foreach (ParsedPolicy policy in plan.Policies)
                runs.Add(Run(plan, workload, policy, progressOf(policy.Name), cancellationToken));
        });
        return new PolicyComparison(plan, workload, saturated, runs);
    }

    /// <summary>What was replayed, as a heading.</summary>
    public string Title => $"llmsched: {Workload.Name}";

    /// <summary>Trace and engine, a line each, and how fast the replays were.</summary>
    public IReadOnlyList<string> Facts =>
    [
        WorkloadFacts.Of(Workload).Sentence,
        EngineText.Of(Plan),
        string.Create(CultureInfo.InvariantCulture, $"Replayed {Runs.Sum(run => run.Result.RequestSteps):#,0} request-steps in {Runs.Sum(run => run.Result.WallTime.TotalSeconds):0.00} s: {StepsPerSecond:#,0} per second."),
    ];

    private double StepsPerSecond => Runs.Sum(run => run.Result.RequestSteps) / Math.Max(1e-9, Runs.Sum(run => run.Result.WallTime.TotalSeconds));

    private static PolicyRun Run(SimulationPlan plan, Workload workload, ParsedPolicy policy, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var options = new ReplayOptions { Lengths = plan.Lengths, Slo = plan.Slo, VictimPolicy = policy.Victim, Seed = plan.Seed, Instances = plan.Instances, Assignment = plan.Assignment, Annealer = policy.Annealer, Progress = progress };
        ReplayResult result = Replay.Run(workload, plan.Engine, new SchedulingStack(policy.Name, policy.Policy) { Allocation = policy.Allocation }, options, cancellationToken);
        return new PolicyRun(policy.Name, result, ReplayReport.Of(result, plan.Slo));
    }
}
