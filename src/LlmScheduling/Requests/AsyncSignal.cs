namespace LlmScheduling;

/// <summary>Wakes one waiter, now or at its next wait. Any thread sets it.</summary>
internal sealed class AsyncSignal
{
    private static readonly TaskCompletionSource Raised = Completed();

    private TaskCompletionSource? _state;

    public void Set()
    {
        // What the waiter is to see was written before; without the fence it might still be on its way when the state is read.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _state) != Raised)
            Interlocked.Exchange(ref _state, Raised)?.TrySetResult();
    }

    /// <summary>Completes when the signal is set, and takes it down. One waiter at a time.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (Interlocked.CompareExchange(ref _state, waiter, null) is null)
                await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Exchange(ref _state, null);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
