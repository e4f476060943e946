using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>Asks a policy and keeps integrity whatever it does: an exception or a NaN costs one step of first come, first served.</summary>
internal sealed partial class PolicyCall(ILogger logger, SchedulerMetrics? metrics = null)
{
    private long _faults;
    private bool _isFaulty;
    private bool _isVictimPolicyFaulty;

    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Fills <paramref name="keys"/> and sums them up; returns the fault, null when all is well.</summary>
    public Exception? Ask(SchedulingStack stack, in SchedulingSnapshot snapshot, ReadOnlySpan<bool> isRunning, Span<PriorityKey> keys, out KeySummary summary)
    {
        Exception? fault = null;
        long asked = metrics?.PolicyAsked() ?? SchedulerMetrics.NotMeasured;
        try
        {
            stack.Policy.Prioritize(snapshot, keys);
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }

        metrics?.PolicyAnswered(asked);
        summary = KeySummary.Of(isRunning, keys);
        if (fault is null && summary.HasNaN)
            fault = new InvalidOperationException($"Policy {stack.Name} answered NaN.");
        if (fault is null)
        {
            _isFaulty = false;
            return null;
        }

        bool isNew = !_isFaulty;
        _isFaulty = true;
        Count();
        if (isNew)
            PolicyFailed(logger, fault, stack.Name);
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, request.ArrivedAt.Ticks);
        }

        summary = KeySummary.Of(isRunning, keys);
        return fault;
    }

    /// <summary>Fills <paramref name="keys"/> with what the victim policy says; returns the fault, null when all is well.</summary>
    public Exception? AskForVictims(ISchedulingPolicy policy, in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        Exception? fault = null;
        try
        {
            policy.Prioritize(snapshot, keys);
            foreach (ref readonly PriorityKey key in keys)
            {
                if (double.IsNaN(key.Score))
                    fault = new InvalidOperationException($"Victim policy {policy.GetType().Name} answered NaN.");
            }
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }

        if (fault is not null)
        {
            Count();
            if (!_isVictimPolicyFaulty)
                VictimPolicyFailed(logger, fault, policy.GetType().Name);
        }

        _isVictimPolicyFaulty = fault is not null;
        return fault;
    }

    private void Count()
    {
        Interlocked.Increment(ref _faults);
        metrics?.PolicyFaulted();
    }

    [LoggerMessage(2, LogLevel.Error, "Policy {Policy} failed; this step and those until it recovers are first come, first served.")]
    private static partial void PolicyFailed(ILogger logger, Exception fault, string policy);

    [LoggerMessage(4, LogLevel.Error, "Victim policy {Policy} failed; until it recovers the latest admitted loses its KV blocks.")]
    private static partial void VictimPolicyFailed(ILogger logger, Exception fault, string policy);
}
