namespace LlmScheduling.Tests;

/// <summary>A clock whose next reading takes until a test lets it go on: a place to stand inside a call.</summary>
internal sealed class StallingClock : TimeProvider, IDisposable
{
    private readonly ManualResetEventSlim _stalled = new(), _goOn = new();
    private int _isArmed;

    /// <summary>Runs a call on another thread and returns once it stands at the clock.</summary>
    public Task<T> StallIn<T>(Func<T> call)
    {
        Volatile.Write(ref _isArmed, 1);
        Task<T> running = Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _stalled.Wait();
        return running;
    }

    public void GoOn() => _goOn.Set();

    public override long GetTimestamp()
    {
        if (Interlocked.Exchange(ref _isArmed, 0) == 1)
        {
            _stalled.Set();
            _goOn.Wait();
        }

        return 0;
    }

    public void Dispose()
    {
        _stalled.Dispose();
        _goOn.Dispose();
    }
}
