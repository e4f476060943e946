namespace LlmScheduling.Simulation;

/// <summary>
/// Plans a simulated queue as a scheduler would in the background: at the same moments, but on the spot, and the plan reaches the
/// scheduler after a virtual delay.
/// </summary>
internal sealed class InlineAnnealing(IQueueAnnealer annealer, TimeSpan delay, SimulatedClock clock) : ISchedulingObserver
{
    private readonly ReplanTrigger _trigger = new();
    private readonly QueuePlan _plan = new();
    private int[] _positions = [];
    private TimeSpan? _readyAt;

    /// <summary>Plans that failed: as in a scheduler, the plan before stays in force.</summary>
    public long Faults { get; private set; }

    /// <summary>Plans, if it is time and no plan is on its way.</summary>
    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
        if (_readyAt is not null || !_trigger.IsDue(snapshot))
            return;
        if (_positions.Length < snapshot.Requests.Length)
            _positions = new int[2 * snapshot.Requests.Length];
        Span<int> positions = _positions.AsSpan(0, snapshot.Requests.Length);
        positions.Fill(-1);
        try
        {
            annealer.Plan(snapshot, positions);
        }
        catch (Exception)
        {
            Faults++;
            return;
        }

        _plan.Read(snapshot.Requests, positions);
        _readyAt = clock.Now + delay;
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
    }

    /// <summary>The plan that is ready by now, once; to be read before a step is planned.</summary>
    public QueuePlan? Take()
    {
        if (_readyAt is not { } at || clock.Now < at)
            return null;
        _readyAt = null;
        return _plan;
    }
}
