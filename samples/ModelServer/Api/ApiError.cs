using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmScheduling;

/// <summary>An error as clients of the OpenAI API expect one: a status, and a body that says what is wrong.</summary>
internal sealed class ApiError(int status, string message, string type, string? code = null, string? parameter = null) : Exception(message)
{
    // Never part of a page: quotes are to be read as quotes.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public int Status => status;

    /// <summary>When to come again; null: it is of no use, or not a matter of time.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The request is at fault.</summary>
    public static ApiError BadRequest(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, message, "invalid_request_error", code, parameter);

    /// <summary>A request that was not served: 429 where it asks for more than there is now, 503 where it waited in vain.</summary>
    public static ApiError NotServed(RequestOutcome outcome, TimeSpan estimate)
    {
        string code = OutcomeName.Of(outcome);
        TimeSpan retryAfter = TimeSpan.FromSeconds(estimate == TimeSpan.MaxValue ? 1 : Math.Max(1, Math.Ceiling(estimate.TotalSeconds)));
        return outcome switch
        {
            RequestOutcome.QueueFull => new(429, "The queue is full.", "rate_limit_error", code) { RetryAfter = retryAfter },
            RequestOutcome.Displaced => new(429, "A more urgent request took the place in the queue.", "rate_limit_error", code) { RetryAfter = retryAfter },
            RequestOutcome.Unattainable => new(429, "The objective of the request can no longer be met.", "rate_limit_error", code) { RetryAfter = retryAfter },
            RequestOutcome.TimedOutInQueue => new(503, "The longest wait passed before the request could be served.", "server_error", code) { RetryAfter = retryAfter },
            RequestOutcome.ShutDown => new(503, "The server is shutting down.", "server_error", code) { RetryAfter = retryAfter },
            RequestOutcome.Unservable => new(413, "The prompt is more than the server can hold, however long the request waits.", "invalid_request_error", code),
            RequestOutcome.Cancelled => new(499, "The client went away.", "invalid_request_error", code),
            _ => new(500, "The engine failed on this request.", "server_error", code),
        };
    }

    /// <summary>Answers with this error.</summary>
    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (RetryAfter is { } after)
            context.Response.Headers.RetryAfter = after.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(ToJson());
    }

    public string ToJson() => JsonSerializer.Serialize(new { error = new { message = Message, type, param = parameter, code } }, Readable);
}
