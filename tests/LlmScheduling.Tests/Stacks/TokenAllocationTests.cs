namespace LlmScheduling.Tests.Stacks;

public sealed class TokenAllocationTests
{
    public static TheoryData<TokenAllocation> AtTheEdges => new()
    {
        new TokenAllocation { LookAheadRequests = 0, MaxOpenPrefills = 1, MaxResidentSequences = 1, ReservedSeatShare = 0 },
        new TokenAllocation { PrefillShareOfTpot = 1, DecodeShareOfTpot = 1, SpareShareOfTpot = 1, ReservedSeatShare = 1 },
        new TokenAllocation { PrefillShareOfTpot = double.Epsilon, DecodeShareOfTpot = double.Epsilon, SpareShareOfTpot = double.Epsilon },
    };

    public static TheoryData<TokenAllocation, string> BeyondThem => new()
    {
        { new() { LookAheadRequests = -1 }, "LookAheadRequests must be 0 or more" },
        { new() { MaxOpenPrefills = 0 }, "MaxOpenPrefills must be 1 or more" },
        { new() { PrefillShareOfTpot = 0 }, "PrefillShareOfTpot must be above 0 and at most 1" },
        { new() { PrefillShareOfTpot = 1.01 }, "PrefillShareOfTpot must be above 0 and at most 1" },
        { new() { DecodeShareOfTpot = 0 }, "DecodeShareOfTpot must be above 0 and at most 1" },
        { new() { DecodeShareOfTpot = 1.01 }, "DecodeShareOfTpot must be above 0 and at most 1" },
        { new() { SpareShareOfTpot = 0 }, "SpareShareOfTpot must be above 0 and at most 1" },
        { new() { SpareShareOfTpot = double.NaN }, "SpareShareOfTpot must be above 0 and at most 1" },
        { new() { SpareShareOfTpot = 1.01 }, "SpareShareOfTpot must be above 0 and at most 1" },
        { new() { ReservedSeatShare = -0.01 }, "ReservedSeatShare must be 0 to 1" },
        { new() { ReservedSeatShare = 1.01 }, "ReservedSeatShare must be 0 to 1" },
        { new() { MaxResidentSequences = 0 }, "MaxResidentSequences must be 1 or more" },
    };

    [Theory]
    [MemberData(nameof(AtTheEdges))]
    public void Scheduler_AllocationAtTheEdges_IsTaken(TokenAllocation allocation) =>
        new BatchScheduler(SchedulingStacks.Fcfs with { Allocation = allocation }).Dispose();

    [Theory]
    [MemberData(nameof(BeyondThem))]
    public void Scheduler_AllocationBeyondThem_ThrowsWithPropertyAndRange(TokenAllocation allocation, string says)
    {
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new BatchScheduler(SchedulingStacks.Fcfs with { Allocation = allocation }));
        Assert.Contains(says, thrown.Message);
    }
}
