namespace LlmScheduling;

/// <summary>
/// Who may touch the scheduler's state: one engine call at a time, or, once, whoever takes it down. Overlapping engine calls throw.
/// </summary>
internal sealed class EngineGuard(Action takeDown)
{
    private const int Idle = 0, Engine = 1, Down = 2;

    private int _owner;
    private int _isDisposed;
    private string _running = "";

    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    public void Enter(string call)
    {
        var spin = new SpinWait();
        while (true)
        {
            int owner = Interlocked.CompareExchange(ref _owner, Engine, Idle);
            if (owner == Idle)
            {
                _running = call;
                return;
            }

            if (owner == Engine)
                throw new InvalidOperationException($"{call} was called while {_running} was running. The engine's loop makes one call at a time.");
            spin.SpinOnce();
        }
    }

    public void Exit()
    {
        Volatile.Write(ref _owner, Idle);
        Interlocked.MemoryBarrier();
        if (IsDisposed)
            TryTakeDown();
    }

    /// <summary>Takes the scheduler down now, or leaves it to the engine call that is running. Never waits.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _isDisposed, 1);
        TryTakeDown();
    }

    private void TryTakeDown()
    {
        if (Interlocked.CompareExchange(ref _owner, Down, Idle) != Idle)
            return;
        try
        {
            takeDown();
        }
        finally
        {
            Volatile.Write(ref _owner, Idle);
        }
    }
}
