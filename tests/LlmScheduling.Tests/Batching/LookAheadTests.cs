namespace LlmScheduling.Tests;

public sealed class LookAheadTests
{
    [Theory]
    [InlineData(0, "0:1")]
    [InlineData(1, "0:1")]
    [InlineData(2, "0:1 3:16")]
    [InlineData(3, "0:1 3:16 5:16")]
    [InlineData(int.MaxValue, "0:1 3:16 5:16")]
    public void RequestsThatDoNotFit_ArePassedUpToTheBound(int lookAhead, string plan)
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4, KvReservation = KvReservation.WholeContext }, allocation: new() { LookAheadRequests = lookAhead });
        rig.Enqueue(prompt: 16, output: 9);
        rig.Step();
        foreach (int prompt in (int[])[48, 40, 16, 48, 16])
            rig.Enqueue(prompt);

        Assert.Equal(plan, rig.Step());
    }

    [Fact]
    public void PromptThatDoesNotFitTheStep_IsPassedWithoutChunks()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10, ChunkedPrefill = false }, allocation: new() { LookAheadRequests = 1 });
        rig.Enqueue(prompt: 6);
        rig.Enqueue(prompt: 5);
        rig.Enqueue(prompt: 4);

        Assert.Equal(["0:6 2:4", "1:5"], rig.Steps(2));
    }

    [Fact]
    public void RequestInATierBelowZero_IsNeverPassed()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4, KvReservation = KvReservation.WholeContext }, new KeyedBy((in RequestView r) => new(r.Priority, 0, 0)), new() { LookAheadRequests = 9 });
        rig.Enqueue(prompt: 16, output: 9);
        rig.Step();
        rig.Enqueue(prompt: 64, priority: -1);
        rig.Enqueue(prompt: 16);

        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void RequestInTierZero_IsPassed()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4, KvReservation = KvReservation.WholeContext }, allocation: new() { LookAheadRequests = 9 });
        rig.Enqueue(prompt: 16, output: 9);
        rig.Step();
        rig.Enqueue(prompt: 64);
        rig.Enqueue(prompt: 16);

        Assert.Equal("0:1 2:16", rig.Step());
    }
}
