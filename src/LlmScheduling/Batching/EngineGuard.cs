namespace LlmScheduling;

/// <summary>
/// Who may touch the scheduler's state: one engine call at a time, or, once, whoever takes it down. Overlapping engine calls
/// throw; only a step may be completed while somebody waits for work, since that is one of the things waited for. What several
/// schedulers share is touched in turns.
/// </summary>
internal sealed class EngineGuard(InstanceTurns turns, int instance, Action takeDown)
{
    private int _owner;
    private int _isWaiting;
    private int _isDisposed;
    private int _takingDown;

    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Starts <see cref="EngineCall.PlanStep"/> or <see cref="EngineCall.CompleteStep"/>.</summary>
    public void Enter(EngineCall call)
    {
        if (call == EngineCall.PlanStep && Volatile.Read(ref _isWaiting) != 0)
            throw Overlap(call, EngineCall.WaitForWorkAsync);
        EngineCall other = TryEnter(call);
        if (other != EngineCall.None)
            throw Overlap(call, other);
        turns.Begin(instance);
    }

    public void Exit()
    {
        turns.End();
        Volatile.Write(ref _owner, (int)EngineCall.None);
        Interlocked.MemoryBarrier();
        if (IsDisposed)
            TryTakeDown();
    }

    /// <summary>Starts a wait, which goes on between looks.</summary>
    public void BeginWait()
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) != 0)
            throw Overlap(EngineCall.WaitForWorkAsync, EngineCall.WaitForWorkAsync);
    }

    public void EndWait() => Volatile.Write(ref _isWaiting, 0);

    /// <summary>A look of whoever waits; false while a step is being completed, which will wake the wait.</summary>
    public bool TryLook()
    {
        EngineCall other = TryEnter(EngineCall.WaitForWorkAsync);
        if (other == EngineCall.PlanStep)
            throw Overlap(EngineCall.WaitForWorkAsync, other);
        if (other != EngineCall.None)
            return false;
        turns.Begin(instance);
        return true;
    }

    /// <summary>Takes the scheduler down now, or leaves it to the engine call that is running. Never waits.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _isDisposed, 1);
        TryTakeDown();
    }

    /// <summary>Enters, past whoever looks or takes down; otherwise returns the call that is in the way.</summary>
    private EngineCall TryEnter(EngineCall call)
    {
        if (turns.IsMine)
            throw new InvalidOperationException($"{call} was called from within a decision of a scheduler that shares its queue.");
        var spin = new SpinWait();
        while (true)
        {
            var owner = (EngineCall)Interlocked.CompareExchange(ref _owner, (int)call, (int)EngineCall.None);
            if (owner is EngineCall.None or EngineCall.PlanStep or EngineCall.CompleteStep)
                return owner;
            if (owner == EngineCall.Dispose && Volatile.Read(ref _takingDown) == Environment.CurrentManagedThreadId)
                throw Overlap(call, owner);
            spin.SpinOnce();
        }
    }

    private void TryTakeDown()
    {
        if (turns.IsMine)
        {
            turns.Afterwards(TryTakeDown);
            return;
        }

        if (Interlocked.CompareExchange(ref _owner, (int)EngineCall.Dispose, (int)EngineCall.None) != (int)EngineCall.None)
            return;
        try
        {
            Volatile.Write(ref _takingDown, Environment.CurrentManagedThreadId);
            turns.Begin(instance);
            takeDown();
        }
        finally
        {
            turns.End();
            Volatile.Write(ref _takingDown, 0);
            Volatile.Write(ref _owner, (int)EngineCall.None);
        }
    }

    private static InvalidOperationException Overlap(EngineCall call, EngineCall running) =>
        new($"{call} was called while {running} was running. The engine's loop makes one call at a time.");
}
