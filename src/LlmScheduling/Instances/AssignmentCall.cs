using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>Asks an assignment and keeps integrity whatever it does: a fault costs one request the default choice. One caller at a time.</summary>
internal sealed partial class AssignmentCall(IInstanceAssignment? assignment, ILogger logger)
{
    private readonly MostFreeSequences _default = new();
    private long _faults;
    private bool _isFaulty;

    public long Faults => Volatile.Read(ref _faults);

    /// <summary>An instance with room, or -1.</summary>
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        if (assignment is null)
            return _default.Choose(request, instances);
        Exception fault;
        try
        {
            int chosen = assignment.Choose(request, instances);
            if (chosen == -1 || ((uint)chosen < (uint)instances.Length && instances[chosen].HasRoomFor(request)))
            {
                _isFaulty = false;
                return chosen;
            }

            fault = new InvalidOperationException($"{assignment.GetType().Name} chose instance {chosen}, which is not one of {instances.Length} or has no room.");
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }

        Interlocked.Increment(ref _faults);
        bool isNew = !_isFaulty;
        _isFaulty = true;
        if (isNew)
            AssignmentFailed(logger, fault, assignment.GetType().Name);
        return _default.Choose(request, instances);
    }

    [LoggerMessage(6, LogLevel.Error, "Assignment {Assignment} failed; until it recovers the instance with most free sequences is taken.")]
    private static partial void AssignmentFailed(ILogger logger, Exception fault, string assignment);
}
