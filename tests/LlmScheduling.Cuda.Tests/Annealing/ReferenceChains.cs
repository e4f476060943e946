namespace LlmScheduling.Cuda.Tests.Annealing;

/// <summary>What a launch of the kernel must do, in C#: every chain by <see cref="ScenarioChain"/>.</summary>
internal sealed unsafe class ReferenceChains
{
    private const ulong Step = 0xD1342543DE82EF95;

    private readonly ScenarioTable _table = new();
    private readonly ScenarioChain _chain = new();

    public ReferenceChains(AnnealingProblem problem) => _table.Fill(problem);

    public void Run(int grid, int block, int sharedBytes, ChainLaunch launch)
    {
        int entries = _table.Entries;
        if (!_table.Runs[..entries].SequenceEqual(new ReadOnlySpan<int>((int*)launch.Runs, entries)) || !_table.Latest[..entries].SequenceEqual(new ReadOnlySpan<int>((int*)launch.Latest, entries)))
            throw new InvalidOperationException("The launch is of another problem.");
        for (int chain = 0; chain < grid; chain++)
        {
            int partner = chain ^ launch.Partner, from = Value(launch.Values, partner) > Value(launch.Values, chain) ? partner : chain;
            Span<int> schedule = Schedule(launch, launch.Schedules, from);
            _chain.Begin(_table, schedule.Slice(1, launch.Jobs), Sizes(schedule, launch.Jobs));
            MoveRandom random = RandomOf(launch.Seed, chain, launch.Launch);
            _chain.Anneal(ref random, launch.Moves, launch.Temperature);
            Write(Schedule(launch, launch.NextSchedules, chain), _chain.Current);
            Value(launch.NextValues, chain) = _chain.Value;
            if (_chain.BestValue <= Value(launch.BestValues, chain))
                continue;
            Value(launch.BestValues, chain) = _chain.BestValue;
            _chain.End();
            var best = new BatchOrder();
            best.Set(_chain.BestOrder, _chain.BestSizes);
            Write(Schedule(launch, launch.BestSchedules, chain), best);
        }
    }

    private static MoveRandom RandomOf(ulong seed, int chain, int launch)
    {
        var random = new MoveRandom(unchecked(seed + (ulong)chain * Step));
        random = new MoveRandom(unchecked(random.NextBits() + (ulong)launch * Step));
        return new MoveRandom(random.NextBits());
    }

    private static ref long Value(ulong values, int chain) => ref ((long*)values)[chain];

    private static Span<int> Schedule(in ChainLaunch launch, ulong schedules, int chain)
    {
        int length = 2 * launch.Jobs + 2;
        return new Span<int>((int*)schedules + chain * length, length);
    }

    private static int[] Sizes(ReadOnlySpan<int> schedule, int jobs)
    {
        int[] sizes = new int[schedule[0]];
        for (int batch = 0; batch < sizes.Length; batch++)
            sizes[batch] = schedule[jobs + batch + 2] - schedule[jobs + batch + 1];
        return sizes;
    }

    private static void Write(Span<int> schedule, BatchOrder batches)
    {
        schedule[0] = batches.BatchCount;
        batches.Order.CopyTo(schedule[1..]);
        for (int batch = 0; batch <= batches.BatchCount; batch++)
            schedule[1 + batches.JobCount + batch] = batches.Offset(batch);
    }
}
