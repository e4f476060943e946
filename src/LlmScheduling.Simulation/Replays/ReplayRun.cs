namespace LlmScheduling.Simulation;

internal sealed class ReplayRun : IDisposable
{
    public ReplayRun(Workload workload, EngineSettings engine, SchedulingStack stack, ReplayOptions options) => _ = (workload, engine, stack, options);

    public ReplayResult ToEnd(CancellationToken cancellationToken) => throw new ReplayStalledException("Being written.");

    public void Dispose()
    {
    }
}
