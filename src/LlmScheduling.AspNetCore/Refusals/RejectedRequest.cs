using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore;

/// <summary>A request that got no seat, for <see cref="HttpAdmissionOptions.OnRejected"/>.</summary>
/// <remarks>
/// The status is 429 for <see cref="RequestOutcome.QueueFull"/>, <see cref="RequestOutcome.Displaced"/> and
/// <see cref="RequestOutcome.Unattainable"/>, where the client asked for more than there is now; 503 for
/// <see cref="RequestOutcome.TimedOutInQueue"/> and <see cref="RequestOutcome.ShutDown"/>, where the server let it wait in vain;
/// 413 for <see cref="RequestOutcome.Unservable"/>, where coming again is of no use.
/// </remarks>
public sealed class RejectedRequest
{
    internal RejectedRequest(HttpContext context, InferenceRequest request, RequestOutcome outcome, TimeSpan? estimate)
    {
        (HttpContext, Request, Outcome) = (context, request, outcome);
        if (outcome != RequestOutcome.Unservable)
            RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((estimate ?? TimeSpan.Zero).TotalSeconds)));
    }

    /// <summary>The exchange; nothing of the response's body is written yet.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>What was asked for.</summary>
    public InferenceRequest Request { get; }

    /// <summary>Why there is no seat.</summary>
    public RequestOutcome Outcome { get; }

    /// <summary>When to come again, in whole seconds, 1 or more: the gate's estimate, 1 where it has none. Null where coming again is of no use.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Writes the body that is written without a callback: problem details with the members <c>outcome</c> and, in seconds, <c>retry_after</c>.</summary>
    public Task WriteProblemAsync() => ProblemAnswer.WriteAsync(HttpContext, HttpContext.Response.StatusCode, Detail, Members());

    internal void WriteHead()
    {
        HttpContext.Response.StatusCode = Outcome switch
        {
            RequestOutcome.Unservable => StatusCodes.Status413PayloadTooLarge,
            RequestOutcome.TimedOutInQueue or RequestOutcome.ShutDown => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status429TooManyRequests,
        };
        if (RetryAfter is { } after)
            HttpContext.Response.Headers.RetryAfter = after.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
    }

    private string Detail => Outcome switch
    {
        RequestOutcome.QueueFull => "The queue is full.",
        RequestOutcome.Displaced => "A more urgent request took the place in the queue.",
        RequestOutcome.Unattainable => "The objective of the request can no longer be met.",
        RequestOutcome.Unservable => "The prompt and the longest output are more than the server can hold, however long the request waits.",
        RequestOutcome.TimedOutInQueue => "The longest wait passed before the request could be served.",
        RequestOutcome.ShutDown => "The server is shutting down.",
        _ => "The request was not served.",
    };

    private Dictionary<string, object?> Members()
    {
        var members = new Dictionary<string, object?> { ["outcome"] = OutcomeName.Of(Outcome) };
        if (RetryAfter is { } after)
            members["retry_after"] = (long)after.TotalSeconds;
        return members;
    }
}
