namespace LlmScheduling.Tests;

/// <summary>Draws a scheduler with every kind of setting from one seed.</summary>
internal sealed class InvariantSetup(Random random)
{
    public BatchSchedulerOptions Options { get; } = OptionsOf(random);

    public TokenAllocation Allocation { get; } = AllocationOf(random);

    public ISchedulingPolicy Policy { get; } = new RandomKeys(random.Next(2) * random.Next(30), random.Next(2) * 10);

    public ISchedulingPolicy? VictimPolicy { get; } = random.Next(2) == 0 ? null : new RandomKeys(random.Next(30), 0);

    public ILatencyModel? Latency { get; } = random.Next(2) == 0 ? null : new StepTimes(random.Next(20), random.NextDouble(), random.NextDouble());

    private static BatchSchedulerOptions OptionsOf(Random random)
    {
        bool chunked = random.Next(4) > 0;
        return new BatchSchedulerOptions
        {
            MaxSequences = random.Next(1, 7),
            MaxBatchTokens = random.Next(8) == 0 ? int.MaxValue : random.Next(1, 60),
            ChunkedPrefill = chunked,
            PrefillChunkTokens = chunked && random.Next(2) == 0 ? random.Next(1, 20) : null,
            TokensPerDecode = random.Next(2) == 0 ? 1 : random.Next(1, 6),
            StepsInFlight = random.Next(1, 3),
            KvBlockTokens = random.Next(1, 9),
            KvTotalBlocks = random.Next(3) == 0 ? null : random.Next(1, 20),
            KvReservation = (KvReservation)random.Next(3),
            MaxQueuedRequests = random.Next(0, 20),
            MaxQueuedTokens = random.Next(2) == 0 ? long.MaxValue : random.Next(1, 200),
            QueueFull = (QueueFullAction)random.Next(2),
            MaxTrackedTenants = random.Next(1, 5),
            Seed = (ulong)random.NextInt64(),
        };
    }

    private static TokenAllocation AllocationOf(Random random) => new()
    {
        LookAheadRequests = random.Next(2) == 0 ? 0 : random.Next(5),
        PrefillOrder = (PrefillOrder)random.Next(2),
        MaxOpenPrefills = random.Next(1, 5),
        PrefillShareOfTpot = random.Next(2) == 0 ? null : 1 - random.NextDouble(),
        DecodeShareOfTpot = random.Next(2) == 0 ? null : 1 - random.NextDouble(),
        SpareShareOfTpot = random.Next(2) == 0 ? null : 1 - random.NextDouble(),
        ReservedSeatShare = random.Next(2) == 0 ? 0 : random.NextDouble(),
        MaxResidentSequences = random.Next(2) == 0 ? null : random.Next(1, 12),
    };
}
