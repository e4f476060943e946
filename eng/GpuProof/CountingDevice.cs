namespace LlmScheduling.GpuProof;

/// <summary>Passes everything on, and counts launches and the schedules that they try.</summary>
internal sealed class CountingDevice(IKernelDevice inner) : IKernelDevice
{
    public int MostSharedBytes => inner.MostSharedBytes;

    public long Launches { get; private set; }

    /// <summary>Schedules times scenarios.</summary>
    public long ScenarioEvaluations { get; private set; }

    public ulong Buffer(int slot, long bytes) => inner.Buffer(slot, bytes);

    public void CopyTo<T>(ulong destination, ReadOnlySpan<T> source)
        where T : unmanaged => inner.CopyTo(destination, source);

    public void CopyFrom<T>(Span<T> destination, ulong source)
        where T : unmanaged => inner.CopyFrom(destination, source);

    public void Launch<T>(string entry, int grid, int block, int sharedBytes, in T parameters)
        where T : unmanaged
    {
        Launches++;
        if (parameters is ChainLaunch launch)
            ScenarioEvaluations += (long)launch.Moves * grid * launch.Scenarios;
        inner.Launch(entry, grid, block, sharedBytes, parameters);
    }
}
