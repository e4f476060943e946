using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore;

/// <summary>Lets whoever takes a <see cref="RateLimiter"/> use a gate: ASP.NET Core's <c>UseRateLimiter</c>, Polly, an HTTP client.</summary>
/// <remarks>
/// One permit is one seat, and no more than one can be asked for; none asks whether a seat is free, takes nothing, and never
/// waits. A failed lease tells <see cref="MetadataName.RetryAfter"/>, where the gate has an estimate, and
/// <see cref="MetadataName.ReasonPhrase"/>, the outcome's name. Disposing a limiter ends its own waiting callers with failed
/// leases and leaves the gate alone; after that it throws <see cref="ObjectDisposedException"/>. Disposing a lease frees the seat
/// and counts as served, since a rate limiter's lease cannot say how its work ended.
/// </remarks>
public static class AdmissionGateRateLimiterExtensions
{
    /// <summary>A limiter whose permits are the gate's seats.</summary>
    /// <param name="gate">The gate; it stays its owner's.</param>
    /// <param name="describe">What each caller asks for. Any thread.</param>
    public static RateLimiter AsRateLimiter(this AdmissionGate gate, Func<InferenceRequest> describe)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(describe);
        return new GateRateLimiter(gate, describe);
    }

    /// <summary>A limiter of HTTP requests whose permits are the gate's seats, such as <c>RateLimiterOptions.GlobalLimiter</c>. The seat is there for <c>HttpContext.GetAdmissionLease()</c>, and counts as cancelled when its client has gone away.</summary>
    /// <param name="gate">The gate; it stays its owner's.</param>
    /// <param name="describe">What a request asks for, from what is known without its body: called twice for one that has to wait. Any thread.</param>
    public static PartitionedRateLimiter<HttpContext> AsRateLimiter(this AdmissionGate gate, Func<HttpContext, InferenceRequest> describe)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(describe);
        return new HttpGateRateLimiter(gate, describe);
    }
}
