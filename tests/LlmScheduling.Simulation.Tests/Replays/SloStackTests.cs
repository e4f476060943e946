namespace LlmScheduling.Simulation.Tests;

/// <summary>The SLO stacks on a slow engine: a step with half its token budget as prefill leaves less than the guard's share of the TPOT.</summary>
public sealed class SloStackTests
{
    private const string Steady = "bursty:2:2:600", Bursts = "bursty:3:3:600";

    private static readonly EngineSettings Slow = new()
    {
        MaxSequences = 64,
        MaxBatchTokens = 2_048,
        StepCost = StepCost.Of(new LinearLatencyModel(step: 0.043, prefillToken: 1.3e-4, decodeSequence: 8e-5, contextToken: 5.9e-7)),
    };

    private static readonly SloTable Promises = new(
        new Dictionary<string, ServiceLevelObjective>
        {
            ["chat"] = new() { TimeToFirstToken = TimeSpan.FromSeconds(2), TimePerOutputToken = TimeSpan.FromSeconds(0.2) },
            ["code"] = new() { EndToEnd = TimeSpan.FromSeconds(5) },
        },
        null);

    /// <summary>A guard that assumes half a chunk in every step admits hardly anybody beside a running request: the known defect.</summary>
    [Fact]
    public void Slo_GuardThatCountsHalfAChunk_WouldHalveTheAttainment()
    {
        SchedulingStack halfAChunk = SchedulingStacks.Slo with { Allocation = SchedulingStacks.Slo.Allocation with { DecodeSharePrefillTokens = 1_024 } };
        double attained = Attainment(SchedulingStacks.Slo, Steady), guarded = Attainment(halfAChunk, Steady);
        Assert.True(guarded < attained / 2, $"{guarded:P1} with half a chunk, {attained:P1} without.");
    }

    [Fact]
    public void SloStacks_UnderBurstsBeatTheirOrderAlone()
    {
        double order = Attainment(new SchedulingStack("order", new AttainableWorkFirst()), Bursts);
        double slo = Attainment(SchedulingStacks.Slo, Bursts), pausing = Attainment(SchedulingStacks.SloPausing, Bursts);
        Assert.True(slo > order + 0.03 && pausing > order + 0.03, $"{slo:P1}, pausing {pausing:P1}, the order alone {order:P1}.");
    }

    private static double Attainment(SchedulingStack stack, string requests)
    {
        Workload workload = Workload.Generate(requests, seed: 4);
        ReplayResult result = Replay.Run(workload, Slow, stack, new ReplayOptions { Lengths = LengthKnowledge.Noisy(0.65), Slo = Promises });
        return ReplayReport.Of(result, Promises).SloAttainment!.Value;
    }
}
