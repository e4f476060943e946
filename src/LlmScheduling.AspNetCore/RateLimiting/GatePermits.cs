using System.Threading.RateLimiting;

namespace LlmScheduling.AspNetCore;

/// <summary>A gate as a rate limiter knows one: permits, statistics, and an end of its own.</summary>
internal sealed class GatePermits(AdmissionGate gate) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private long _succeeded;
    private long _failed;

    public RateLimiterStatistics Statistics
    {
        get
        {
            AdmissionStatistics gateNow = gate.GetStatistics();
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = gateNow.FreeSeats,
                CurrentQueuedCount = gateNow.QueuedRequests,
                TotalSuccessfulLeases = Interlocked.Read(ref _succeeded),
                TotalFailedLeases = Interlocked.Read(ref _failed),
            };
        }
    }

    /// <summary>Takes a free seat or fails. A gate that is seen to be full is not asked, so that it counts no refusal of a caller who is about to wait.</summary>
    public RateLimitLease Attempt(int permits, Func<InferenceRequest> describe, Func<AdmissionLease, Action>? seated = null)
    {
        ObjectDisposedException.ThrowIf(_end.IsCancellationRequested, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permits, 1);
        AdmissionStatistics now = gate.GetStatistics();
        if (now.IsAccepting && (gate.IsBacklogged || now.FreeSeats == 0))
            return Counted(GateRateLimitLease.Failed(RequestOutcome.QueueFull, gate.EstimateWait().Wait));
        return permits == 0 ? Free(now) : Counted(gate.TryAcquire(describe()), seated);
    }

    /// <summary>Waits for a seat. The caller's own token throws; the limiter's end is a failed lease.</summary>
    public async ValueTask<RateLimitLease> AcquireAsync(int permits, Func<InferenceRequest> describe, CancellationToken cancellationToken, Func<AdmissionLease, Action>? seated = null)
    {
        if (permits != 1)
            return Attempt(permits, describe);
        ObjectDisposedException.ThrowIf(_end.IsCancellationRequested, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        try
        {
            return Counted(await gate.AcquireAsync(describe(), either.Token).ConfigureAwait(false), seated);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Counted(GateRateLimitLease.Failed(RequestOutcome.ShutDown, null));
        }
        catch (OperationCanceledException fault) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(fault.Message, fault, cancellationToken);
        }
    }

    /// <summary>Ends those who wait here. Any number of times; nothing unmanaged is held.</summary>
    public void Dispose() => _end.Cancel();

    private RateLimitLease Free(AdmissionStatistics now) =>
        Counted(now.IsAccepting ? GateRateLimitLease.OfNothing : GateRateLimitLease.Failed(RequestOutcome.ShutDown, null));

    private GateRateLimitLease Counted(AdmissionLease lease, Func<AdmissionLease, Action>? seated) =>
        Counted(lease.IsAcquired
            ? new GateRateLimitLease(seated?.Invoke(lease) ?? (() => lease.Complete(FinishReason.Stop)))
            : GateRateLimitLease.Failed(lease.Refusal.Value, lease.RetryAfter));

    private GateRateLimitLease Counted(GateRateLimitLease lease)
    {
        Interlocked.Increment(ref lease.IsAcquired ? ref _succeeded : ref _failed);
        return lease;
    }
}
