namespace LlmScheduling.Cuda.Tests.Annealing;

/// <summary>Everything that the launches of one search wrote, in order.</summary>
internal sealed unsafe class LaunchRecord(HostMemoryDevice.Launcher launcher)
{
    public List<int[]> Schedules { get; } = [];

    public List<long[]> Values { get; } = [];

    public void Run(int grid, int block, int sharedBytes, ChainLaunch launch)
    {
        launcher(grid, block, sharedBytes, launch);
        Values.Add(new ReadOnlySpan<long>((long*)launch.NextValues, grid).ToArray());
        Values.Add(new ReadOnlySpan<long>((long*)launch.BestValues, grid).ToArray());
        for (int chain = 0; chain < grid; chain++)
        {
            Schedules.Add(Schedule(launch.NextSchedules, chain, launch.Jobs));
            Schedules.Add(Schedule(launch.BestSchedules, chain, launch.Jobs));
        }
    }

    /// <summary>The schedules of all chains, with what lies behind their last offsets.</summary>
    public static int[] Whole(ulong schedules, int grid, int jobs) => new ReadOnlySpan<int>((int*)schedules, grid * (2 * jobs + 2)).ToArray();

    /// <summary>What lies behind the last offset belongs to schedules of more batches that stood there before.</summary>
    private static int[] Schedule(ulong schedules, int chain, int jobs)
    {
        int* schedule = (int*)schedules + chain * (2 * jobs + 2);
        return new ReadOnlySpan<int>(schedule, 2 + jobs + schedule[0]).ToArray();
    }
}
