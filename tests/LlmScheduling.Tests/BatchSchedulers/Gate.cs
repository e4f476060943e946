namespace LlmScheduling.Tests;

/// <summary>A policy that stands still until a test opens it: what else happens meanwhile is what is tested.</summary>
internal sealed class Gate : ISchedulingPolicy, IDisposable
{
    private readonly ManualResetEventSlim _entered = new(), _open = new();

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _entered.Set();
        _open.Wait();
        new FirstComeFirstServed().Prioritize(snapshot, keys);
    }

    /// <summary>Runs an engine's call on another thread and returns once it stands in the policy.</summary>
    public Task<T> EnterOnAnotherThread<T>(Func<T> call)
    {
        Task<T> running = Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _entered.Wait();
        return running;
    }

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _entered.Dispose();
    }
}
