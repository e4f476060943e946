namespace LlmScheduling;

/// <summary>Where a block keeps its chain: in shared memory as far as it goes, first the small state and then the slacks, the rest in a workspace of the device's.</summary>
internal readonly record struct ChainLayout
{
    /// <summary>The threads of a block: one per scenario in steps of a warp, as many as the kernel is compiled for.</summary>
    public const int MostLanes = 256;

    private const int Warp = 32, SumsOfLanes = 2 * 32;

    public ChainLayout(int jobs, int scenarios, int stride, int mostSharedBytes)
    {
        Lanes = Math.Clamp((scenarios + Warp - 1) / Warp * Warp, Warp, MostLanes);
        long state = 3 * Whole(4L * jobs) + 2 * Whole(4L * (jobs + 1)) + 2 * 8L * stride + 8L * Lanes + 8L * SumsOfLanes + 5 * 4L * stride;
        long slack = 4L * jobs * stride;
        StateIsShared = state <= mostSharedBytes;
        SlackIsShared = state + slack <= mostSharedBytes;
        SharedBytes = (int)((StateIsShared ? state : 0) + (SlackIsShared ? slack : 0));
        WorkspaceBytes = state + slack - SharedBytes;
    }

    public int Lanes { get; }

    public bool StateIsShared { get; }

    public bool SlackIsShared { get; }

    public int SharedBytes { get; }

    /// <summary>For each chain.</summary>
    public long WorkspaceBytes { get; }

    private static long Whole(long bytes) => (bytes + 7) / 8 * 8;
}
