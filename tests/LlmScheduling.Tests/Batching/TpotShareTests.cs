namespace LlmScheduling.Tests;

public sealed class TpotShareTests
{
    private static readonly ServiceLevelObjective HundredPerToken = new() { TimePerOutputToken = TimeSpan.FromMilliseconds(100) };

    // 10 ms, 0.1 ms per prefill token and 5 ms per decoding request.
    private static readonly StepTimes Latency = new(10, 0.1, 5);

    [Fact]
    public void PrefillShare_CutsPrefillTokensToTheTightestTpot()
    {
        using EngineRig rig = OneDecode(new() { PrefillShareOfTpot = 0.9 });
        rig.Enqueue(prompt: 2_000);

        // 0.9 x 100 - 10 - 5 = 75 ms, at 0.1 ms a token.
        Assert.Equal("0:1 1:750", rig.Step());
        Assert.Equal("0:1 1:750", rig.Step());
    }

    [Fact]
    public void PrefillShare_Exceeded_AnOpenPrefillGoesOnByASmallChunk()
    {
        using EngineRig rig = OneDecode(new() { PrefillShareOfTpot = 0.25 });
        rig.Enqueue(prompt: 2_000);
        Assert.Equal("0:1 1:100", rig.Step());
        rig.Enqueue(output: 9, objective: new() { TimePerOutputToken = TimeSpan.FromMilliseconds(20) });
        Assert.Equal("0:1 1:100", rig.Step());
        rig.Scheduler.Stack = rig.Scheduler.Stack with { Allocation = new() { PrefillShareOfTpot = 0.01 } };

        Assert.Equal("0:1 1:64", rig.Step());
    }

    [Fact]
    public void PrefillShare_Exceeded_NothingNewIsAdmitted()
    {
        using EngineRig rig = OneDecode(new() { PrefillShareOfTpot = 0.15 });
        rig.Enqueue();

        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void PrefillShare_NothingRunning_HasNoEffect()
    {
        using var rig = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.1, DecodeShareOfTpot = 0.1 }, latency: Latency);
        rig.Enqueue(prompt: 2_000, output: 2, objective: HundredPerToken);

        Assert.Equal("0:2000", rig.Step());
    }

    [Fact]
    public void PrefillShare_WithoutLatencyModelOrTpot_HasNoEffect()
    {
        using var rig = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.1, DecodeShareOfTpot = 0.1 });
        rig.Enqueue(output: 9, objective: HundredPerToken);
        rig.Step();
        rig.Enqueue(prompt: 2_000);
        Assert.Equal("0:1 1:2000", rig.Step());

        using var best = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.1, DecodeShareOfTpot = 0.1 }, latency: Latency);
        best.Enqueue(output: 9);
        best.Step();
        best.Enqueue(prompt: 2_000);
        Assert.Equal("0:1 1:2000", best.Step());
    }

    [Fact]
    public void PrefillShare_RequestThatHasMissedItsFirstToken_NoLongerCounts()
    {
        using var rig = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.15 }, latency: Latency);
        rig.Enqueue(output: 9, objective: HundredPerToken with { TimeToFirstToken = EngineRig.StepTime / 2 });
        rig.Step();
        rig.Enqueue(prompt: 50);

        Assert.Equal("0:1 1:50", rig.Step());
    }

    [Fact]
    public void PrefillShare_RequestBeyondItsDeadline_NoLongerCounts()
    {
        using var rig = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.15 }, latency: Latency);
        rig.Enqueue(output: 9, objective: HundredPerToken with { EndToEnd = 3 * EngineRig.StepTime });
        rig.Step();
        rig.Enqueue(prompt: 50);

        Assert.Equal(["0:1", "0:1", "0:1 1:50"], rig.Steps(3));
    }

    [Fact]
    public void DecodeShare_Exceeded_AdmissionStops()
    {
        using var rig = new EngineRig(allocation: new() { DecodeShareOfTpot = 0.21 }, latency: Latency);
        rig.Enqueue(output: 9, objective: HundredPerToken);
        rig.Step();
        for (int i = 0; i < 4; i++)
            rig.Enqueue(output: 9);

        // 10 ms and 5 ms for each of two decodes is 20 of at most 21.
        Assert.Equal("0:1 1:1", rig.Step());
        Assert.Equal("0:1 1:1", rig.Step());
    }

    [Fact]
    public void SpareShare_Exceeded_OnlySpareKeysStop()
    {
        var allocation = new TokenAllocation { DecodeShareOfTpot = 0.26, SpareShareOfTpot = 0.16 };
        using var rig = new EngineRig(allocation: allocation, policy: new KeyedBy((in RequestView r) => r.Priority > 0 ? PriorityKey.Spare(0) : new(0, 0)), latency: Latency);
        rig.Enqueue(output: 9, objective: HundredPerToken);
        rig.Step();
        rig.Enqueue(output: 9, priority: 1);
        Assert.Equal("0:1", rig.Step());
        rig.Enqueue(output: 9);

        Assert.Equal("0:1 2:1", rig.Step());
    }

    [Fact]
    public void SpareShare_Absent_SpareKeysFollowTheDecodeShare()
    {
        using var rig = new EngineRig(allocation: new() { DecodeShareOfTpot = 0.16 }, policy: new KeyedBy((in RequestView r) => r.Priority > 0 ? PriorityKey.Spare(0) : new(0, 0)), latency: Latency);
        rig.Enqueue(output: 9, objective: HundredPerToken);
        rig.Step();
        rig.Enqueue(output: 9, priority: 1);

        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void DecodeShare_OfLongContexts_CountsThoseOfTheRunningAndOfTheJoining()
    {
        using var rig = new EngineRig(allocation: new() { DecodeShareOfTpot = 0.5 }, latency: new StepTimes(10, 0, 0, contextToken: 1));
        rig.Enqueue(prompt: 10, output: 99, objective: HundredPerToken);
        rig.Step();
        foreach (int prompt in (int[])[12, 17, 1])
            rig.Enqueue(prompt, output: 9);

        // 10 ms, 10 + 1 tokens that run, 12 and 17 that join: 50 of at most 50.
        Assert.Equal("0:1 1:12 2:17", rig.Step());
    }

    [Fact]
    public void DecodeShare_PreemptedRequest_JoinsWithWhatItHasGenerated()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 }, KeyedBy.PriorityBand, new() { DecodeShareOfTpot = 0.5 }, latency: new StepTimes(10, 0, 0, contextToken: 1));
        rig.Enqueue(prompt: 10, output: 99, objective: HundredPerToken);
        rig.Enqueue(prompt: 20, output: 99, priority: 1);
        rig.Steps(5);
        rig.Enqueue(prompt: 1, output: 1);
        Assert.Equal("0:1 2:1 -1", rig.Step());

        // 10 ms, 10 + 6 tokens that run, 20 + 5 that come back: 51 of at most 50.
        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void PrefillShare_OfLongContexts_CountsThemAndTheAttentionOfThePrefill()
    {
        using var rig = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.5 }, latency: new StepTimes(10, 0, 0, contextToken: 1, attention: 0.01));
        rig.Enqueue(prompt: 10, output: 99, objective: HundredPerToken);
        rig.Step();
        rig.Enqueue(prompt: 2_000);

        // 50 - 10 - 11 = 29 ms are 2,900 units: 76 tokens are 76 x 38 = 2,888 of them.
        Assert.Equal("0:1 1:76", rig.Step());
    }

    [Fact]
    public void PrefillShare_PaceThatNotEvenAloneCanBeKept_DoesNotCount()
    {
        // 15 ms a step alone. 16 ms can be kept and allow 0 tokens, 14 ms are lost from the start.
        foreach ((int promised, string expected) in new[] { (16, "0:1"), (14, "0:1 1:500") })
        {
            using var rig = new EngineRig(allocation: new() { PrefillShareOfTpot = 0.9 }, latency: Latency);
            rig.Enqueue(output: 99, objective: new() { TimePerOutputToken = TimeSpan.FromMilliseconds(promised) });
            rig.Step();
            rig.Enqueue(prompt: 500);
            Assert.Equal(expected, rig.Step());
        }
    }

    [Fact]
    public void Shares_RunningWithASpareKey_DoesNotCount()
    {
        using var rig = new EngineRig(policy: new KeyedBy((in RequestView r) => r.Priority > 0 ? PriorityKey.Spare(0) : new(0, 0)), allocation: new() { PrefillShareOfTpot = 0.2, DecodeShareOfTpot = 0.1 }, latency: Latency);
        rig.Enqueue(output: 9, priority: 1, objective: HundredPerToken);
        rig.Step();
        rig.Enqueue(prompt: 500);

        Assert.Equal("0:1 1:500", rig.Step());
    }

    [Fact]
    public void DecodeShare_CountsOpenPrefillsAndSomePrefillTokens()
    {
        // 10 ms, and 5 for each of three: 25 of at most 26; with 20 prefill tokens 27.
        foreach ((int tokens, string expected) in new[] { (0, "0:1 1:4 2:4"), (20, "0:1 1:4") })
        {
            using var rig = new EngineRig(new() { PrefillChunkTokens = 4 }, allocation: new() { PrefillOrder = PrefillOrder.ByKey, DecodeShareOfTpot = 0.26, DecodeSharePrefillTokens = tokens }, latency: Latency);
            rig.Enqueue(output: 99, objective: HundredPerToken);
            rig.Step();
            rig.Enqueue(prompt: 99);
            Assert.Equal("0:1 1:4", rig.Step());
            rig.Enqueue(prompt: 99);
            Assert.Equal(expected, rig.Step());
        }
    }

    [Fact]
    public void LatencyModelThatThrowsOrPredictsLessThanNothing_PlansWithoutIt()
    {
        foreach (ILatencyModel broken in (ILatencyModel[])[new BrokenLatency(), new StepTimes(-1_000, 0, 0)])
        {
            using var rig = new EngineRig(new() { MaxSequences = 2 }, KeyedBy.PriorityBand, new() { PrefillShareOfTpot = 0.9, DecodeShareOfTpot = 0.85 }, latency: broken);
            rig.Enqueue(output: 9, priority: 1, objective: HundredPerToken);
            rig.Enqueue(output: 9, priority: 2, objective: HundredPerToken);
            rig.Step();
            rig.Enqueue(prompt: 500, objective: HundredPerToken);
            rig.Scheduler.Cancel(new RequestId(0));
            rig.Enqueue(prompt: 600, objective: HundredPerToken);

            Assert.Equal("2:500 3:600 -1 ~0", rig.Step());
        }
    }

    private sealed class BrokenLatency : ILatencyModel
    {
        public TimeSpan PredictStep(in BatchShape shape) => throw new InvalidOperationException("broken");
    }

    private static EngineRig OneDecode(TokenAllocation allocation)
    {
        var rig = new EngineRig(allocation: allocation, latency: Latency);
        rig.Enqueue(output: 99, objective: HundredPerToken);
        Assert.Equal("0:1", rig.Step());
        return rig;
    }
}
