using System.Threading.RateLimiting;

namespace LlmScheduling.AspNetCore;

/// <summary>A seat as a rate limiter's lease, or the reason why there is none.</summary>
internal sealed class GateRateLimitLease(Action? free) : RateLimitLease
{
    private Action? _free = free;

    /// <summary>That a seat is free; it holds none.</summary>
    public static GateRateLimitLease OfNothing { get; } = new(null);

    public override bool IsAcquired => Outcome is null;

    public override IEnumerable<string> MetadataNames =>
        RetryAfter is null ? Outcome is null ? [] : [MetadataName.ReasonPhrase.Name] : [MetadataName.ReasonPhrase.Name, MetadataName.RetryAfter.Name];

    private RequestOutcome? Outcome { get; init; }

    private TimeSpan? RetryAfter { get; init; }

    public static GateRateLimitLease Failed(RequestOutcome outcome, TimeSpan? retryAfter) =>
        new(null) { Outcome = outcome, RetryAfter = retryAfter == TimeSpan.MaxValue ? null : retryAfter };

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        if (Outcome is { } outcome && metadataName == MetadataName.ReasonPhrase.Name)
            metadata = OutcomeName.Of(outcome);
        else if (RetryAfter is { } after && metadataName == MetadataName.RetryAfter.Name)
            metadata = after;
        return metadata is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Interlocked.Exchange(ref _free, null)?.Invoke();
    }
}
