namespace LlmScheduling.Tests;

public sealed class SpareAndPausingTests
{
    private static readonly KeyedBy SpareByPriority = new((in RequestView r) => r.Priority > 0 ? PriorityKey.Spare(r.Priority) : new(0, 0));

    [Fact]
    public void Spare_GoesAfterAllOthersAndLeavesTheReservedSeats()
    {
        using var rig = new EngineRig(new() { MaxSequences = 8 }, SpareByPriority, new() { ReservedSeatShare = 0.25 });
        for (int i = 0; i < 7; i++)
            rig.Enqueue(output: 9, priority: 1);
        rig.Enqueue(output: 9);

        Assert.Equal("7:1 0:1 1:1 2:1 3:1 4:1", rig.Step());
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9);
        Assert.EndsWith("4:1 8:1 9:1", rig.Step());
    }

    [Fact]
    public void Spare_WithoutAReserve_MayUseEverySeat()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 }, SpareByPriority);
        for (int i = 0; i < 3; i++)
            rig.Enqueue(output: 9, priority: 1);

        Assert.Equal("0:1 1:1", rig.Step());
    }

    [Fact]
    public void Spare_FewSeats_MayUseOne()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, SpareByPriority, new() { ReservedSeatShare = 0.12 });
        rig.Enqueue(priority: 1);

        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void Spare_WholeReserve_NeverStarts()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 }, SpareByPriority, new() { ReservedSeatShare = 1 });
        rig.Enqueue(priority: 1);

        Assert.Equal("none", rig.Step());
    }

    [Fact]
    public void HeldDecode_LendsItsSeatAndKeepsItsKv()
    {
        bool pause = false;
        using var rig = new EngineRig(new() { MaxSequences = 1, KvTotalBlocks = 3 }, new KeyedBy((in RequestView r) => pause && r.Id.Sequence == 0 ? PriorityKey.Hold : new(0, 0)), new() { MaxResidentSequences = 2 });
        rig.Enqueue(prompt: 16, output: 9);
        Assert.Equal(["0:16", "0:1"], rig.Steps(2));
        rig.Enqueue(prompt: 8, output: 2);
        Assert.Equal("0:1", rig.Step());
        pause = true;
        Assert.Equal(["1:8", "1:1", "none"], rig.Steps(3));
        pause = false;

        // It goes on where it was: one token, nothing computed again.
        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void HeldDecodes_LendNoMoreSeatsThanMayBeResident()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 }, new KeyedBy((in RequestView r) => r.Phase == RequestPhase.Running && r.Priority == 1 ? PriorityKey.Hold : new(0, 0)), new() { MaxResidentSequences = 3 });
        rig.Enqueue(output: 9, priority: 1);
        rig.Enqueue(output: 9, priority: 1);
        Assert.Equal("0:1 1:1", rig.Step());
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9);

        Assert.Equal(["2:1", "2:1"], rig.Steps(2));
    }

    [Theory]
    [InlineData(PrefillOrder.Admission)]
    [InlineData(PrefillOrder.ByKey)]
    public void PausedRequestsThatGoOnTogether_NeverExceedTheSeats(PrefillOrder order)
    {
        bool pause = true;
        using var rig = new EngineRig(
            new() { MaxSequences = 2, PrefillChunkTokens = 4 },
            new KeyedBy((in RequestView r) => pause && r.Phase == RequestPhase.Running && r.Id.Sequence < 2 ? PriorityKey.Hold : new(0, 0)),
            new() { PrefillOrder = order, MaxResidentSequences = 4 });
        rig.Enqueue(prompt: 4, output: 9);
        rig.Enqueue(prompt: 4, output: 9);
        Assert.Equal("0:4 1:4", rig.Step());
        rig.Enqueue(prompt: 40, output: 9);
        rig.Enqueue(prompt: 40, output: 9);
        Assert.Equal("2:4 3:4", rig.Step());
        pause = false;

        Assert.Equal("0:1 1:1", rig.Step());
    }

    [Fact]
    public void MaxResidentBelowTheSeats_HasNoEffect()
    {
        using var rig = new EngineRig(new() { MaxSequences = 3 }, allocation: new() { MaxResidentSequences = 1 });
        rig.Enqueue();
        rig.Enqueue();

        Assert.Equal("0:1 1:1", rig.Step());
    }
}
