using System.Diagnostics;

namespace LlmScheduling.GpuProof;

/// <summary>256 scenarios of 200 requests: the expected G of the card and of one core after equal wall time, and how many schedules each weighs.</summary>
internal static class AnnealerSpeed
{
    private const int Jobs = 200, Scenarios = 256, Fresh = 1_000, Problems = 3;
    private const double LeastG = 1.05, LeastRate = 50;
    private const long CoreEvaluations = 40_000;

    private static readonly TimeSpan[] Times = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(1_000)];

    public static Task RunAsync(ProofReport report, bool isSmall)
    {
        double core = CoreRate();
        report.Line($"{Jobs} requests, {Scenarios} scenarios; G is the mean over the scenarios that were searched, and in the last column over {Fresh} that no search has seen. Geometric means of {Problems} problems for each row. One core weighs {core / 1e6:f1} million schedules times scenarios a second.\n");
        if (Annealers.WhyNoDevice is { } reason)
        {
            report.NotShown("after equal wall time the card's expected G is at least 1.05 times one core's", reason);
            report.NotShown("the card weighs at least 50 times as many schedules as one core", reason);
            return Task.CompletedTask;
        }

        double ratio = 0, rate = 0;
        int rows = 0;
        var calls = new List<CountingDevice>();
        var oneCore = new CpuAnnealer();
        UncertainProblems.Solve(oneCore, Draw("medium", 4, 0, Times[0]));
        using CudaAnnealer card = Annealers.Open(null, calls.Add);
        UncertainProblems.Solve(card, Draw("medium", 4, 0, Times[0]));
        report.Table("limits", "largest batch", "ms asked for", "ms taken", "G, card over core", "card: million scenario evaluations/s", "over core", "launches", "G on fresh scenarios, card over core");
        foreach (TimeSpan time in isSmall ? Times[..1] : Times)
        {
            foreach (string limits in new[] { "loose", "medium", "tight" })
            {
                foreach (int maxBatch in new[] { 4, 16 })
                {
                    double seen = 0, fresh = 0;
                    TimeSpan taken = TimeSpan.Zero;
                    calls.Clear();
                    for (int seed = 1; seed <= Problems; seed++)
                    {
                        AnnealingProblem problem = Draw(limits, maxBatch, seed, time), unseen = UncertainProblems.Draw(Jobs, maxBatch, limits, Fresh, seed, sample: -seed);
                        long began = Stopwatch.GetTimestamp();
                        AnnealingSchedule onCard = UncertainProblems.Solve(card, problem);
                        TimeSpan took = Stopwatch.GetElapsedTime(began);
                        taken += took / Problems;

                        // As long as the card took, with its tables and its copies, should that be more than was asked for.
                        AnnealingSchedule onCore = UncertainProblems.Solve(oneCore, Draw(limits, maxBatch, seed, took > time ? took : time));
                        seen += Math.Log(onCard.MetPerSecond / onCore.MetPerSecond) / Problems;
                        fresh += Math.Log(On(unseen, onCard) / On(unseen, onCore)) / Problems;
                    }

                    if (calls.Count < Problems)
                        throw new InvalidOperationException($"The annealer fell back to the CPU: {card.CpuReason}");
                    double perSecond = calls.Sum(call => call.ScenarioEvaluations) / (taken.TotalSeconds * Problems);
                    report.Row($"{limits}", $"{maxBatch}", $"{time.TotalMilliseconds:f0}", $"{taken.TotalMilliseconds:f0}", $"{Math.Exp(seen):f3}", $"{perSecond / 1e6:f0}", $"{perSecond / core:f1}", $"{calls.Average(call => call.Launches):f0}", $"{Math.Exp(fresh):f3}");
                    (ratio, rate, rows) = (ratio + seen, rate + Math.Log(perSecond / core), rows + 1);
                }
            }
        }

        report.Claim(Math.Exp(ratio / rows) >= LeastG, $"after equal wall time the card's expected G is {Math.Exp(ratio / rows):f3} times one core's, the geometric mean over all rows; at least {LeastG}");
        report.Claim(Math.Exp(rate / rows) >= LeastRate, $"the card weighs {Math.Exp(rate / rows):f1} times as many schedules times scenarios a second as one core; at least {LeastRate}");
        return Task.CompletedTask;
    }

    /// <summary>Nine tenths of the bounds go to the scenarios; the tenth before, on known lengths, takes next to no time.</summary>
    private static double CoreRate()
    {
        AnnealingProblem problem = UncertainProblems.Draw(Jobs, 4, "medium", Scenarios, seed: 1, sample: 1, evaluations: CoreEvaluations);
        var annealer = new CpuAnnealer();
        UncertainProblems.Solve(annealer, problem);
        long began = Stopwatch.GetTimestamp();
        UncertainProblems.Solve(annealer, problem);
        return 0.9 * CoreEvaluations * Scenarios / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static AnnealingProblem Draw(string limits, int maxBatch, int seed, TimeSpan time) => UncertainProblems.Draw(Jobs, maxBatch, limits, Scenarios, seed, sample: seed, time);

    private static double On(AnnealingProblem problem, AnnealingSchedule schedule) => ScheduleValue.Of(problem, schedule.Order, schedule.BatchSizes).MetPerSecond;
}
