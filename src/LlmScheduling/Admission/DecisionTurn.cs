namespace LlmScheduling;

/// <summary>
/// Lets exactly one thread decide at a time and nobody wait for it: whoever asks for a decision while one runs has it made by
/// the thread that is at it. No caller is kept for ever: after some rounds the next who comes takes over, or the thread pool.
/// </summary>
internal sealed class DecisionTurn(Action decide) : IThreadPoolWorkItem
{
    private const int MaxRounds = 16;

    private int _asked;
    private int _isOrphan;
    private int _thread;

    /// <summary>Whether the calling thread is in the middle of a decision.</summary>
    public bool IsMine => Volatile.Read(ref _thread) == Environment.CurrentManagedThreadId;

    /// <summary>Has a decision made that sees everything done before this call, by this thread or by the one that decides now.</summary>
    public void Ask()
    {
        if (Interlocked.Increment(ref _asked) == 1)
            Decide();
        else
            Execute();
    }

    /// <summary>Has a decision made that sees an arrival. Where that throws, its caller never sees the lease: so it leaves the queue, or its seat.</summary>
    public void AskFor(AdmissionLease arrival)
    {
        try
        {
            Ask();
        }
        catch
        {
            arrival.Withdraw(CancellationToken.None);
            arrival.Dispose();
            throw;
        }
    }

    /// <summary>Makes the decisions that somebody left over, if anybody did.</summary>
    public void Execute()
    {
        if (Volatile.Read(ref _isOrphan) != 0 && Interlocked.Exchange(ref _isOrphan, 0) != 0)
            Decide();
    }

    private void Decide()
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            if (!IsAskedAgain())
                return;
        }

        LeaveOver();
    }

    /// <summary>Makes one decision; returns whether somebody has asked for another.</summary>
    private bool IsAskedAgain()
    {
        int seen = Volatile.Read(ref _asked);
        Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);
        try
        {
            decide();
        }
        catch
        {
            // What a decision throws goes to whoever makes it; the others' still have to be made.
            if (IsAskedBeyond(seen))
                LeaveOver();
            throw;
        }

        return IsAskedBeyond(seen);
    }

    private bool IsAskedBeyond(int seen)
    {
        Volatile.Write(ref _thread, 0);
        return Interlocked.Add(ref _asked, -seen) != 0;
    }

    private void LeaveOver()
    {
        Volatile.Write(ref _isOrphan, 1);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
