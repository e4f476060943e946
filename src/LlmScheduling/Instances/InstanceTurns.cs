using System.Collections.Concurrent;

namespace LlmScheduling;

/// <summary>
/// Lets the schedulers of one queue take turns: whose turn it is sees its own requests beside those that wait, and nobody else
/// touches either meanwhile. A turn lasts one plan or one report; a scheduler alone has no turns and waits for nobody.
/// </summary>
internal sealed class InstanceTurns(LiveRequests requests, int instances)
{
    private readonly Lock _turn = new();
    private readonly ConcurrentQueue<Action> _afterwards = new();

    /// <summary>Whether the calling thread is in the middle of a turn.</summary>
    public bool IsMine => instances > 1 && _turn.IsHeldByCurrentThread;

    /// <summary>Waits for the turn of <paramref name="instance"/>.</summary>
    public void Begin(int instance)
    {
        if (instances == 1)
            return;
        _turn.Enter();
        requests.TurnTo(instance);
    }

    public void End()
    {
        if (instances == 1)
            return;
        _turn.Exit();
        while (_afterwards.TryDequeue(out Action? action))
            action();
    }

    /// <summary>Has <paramref name="action"/> run when the calling thread's turn is over.</summary>
    public void Afterwards(Action action) => _afterwards.Enqueue(action);
}
