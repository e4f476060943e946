using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore;

/// <summary>How HTTP requests come to a gate and what refused ones get. Named as the gate is; an endpoint may differ.</summary>
public sealed class HttpAdmissionOptions
{
    private static readonly ClientLimits NothingSpecial = new();
    private static readonly Func<HttpContext, ValueTask<InferenceRequest>> OfTheBody = OpenAiRequest.DescribeAsync;

    /// <summary>
    /// Says what a request asks of the engine. Runs once per request, before it waits; may read the body, which the endpoint can
    /// read again. Default: reads an OpenAI-compatible JSON body, counts a token per four characters of prompt, takes 1,024 as
    /// the longest output where the body gives none, and the user's name as tenant.
    /// </summary>
    /// <remarks>
    /// A request that it cannot read is the client's fault: <see cref="BadHttpRequestException"/> and <see cref="InputException"/>
    /// are answered with their messages, and <see cref="System.Text.Json.JsonException"/>, <see cref="InvalidDataException"/>,
    /// <see cref="FormatException"/>, <see cref="OverflowException"/>, <see cref="KeyNotFoundException"/>, <see cref="ArgumentException"/> and
    /// <see cref="InvalidOperationException"/>, as parsers of JSON and of forms and decompression throw them, with 400 and a log entry.
    /// Whatever else it throws is the server's fault.
    /// </remarks>
    public Func<HttpContext, ValueTask<InferenceRequest>> Describe { get; set; } = OfTheBody;

    /// <summary>Most bytes of body that are read into memory before the request waits; a longer body is answered with 413. 0: the body is left to the endpoint, and <see cref="Describe"/> does not read it, as the default would. Default: 4 MiB.</summary>
    /// <remarks>Every waiting request holds its body, so the memory for bodies is up to this many bytes times the requests that wait: choose it together with <see cref="AdmissionGateOptions.MaxQueuedRequests"/>.</remarks>
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The most that this client may ask for. It bounds whatever <see cref="Describe"/> returns and the headers of <see cref="SchedulingHeaders"/>. Default: priority 0 and less urgent, no objectives, any queue timeout.</summary>
    public Func<HttpContext, ClientLimits> LimitsFor { get; set; } = static _ => NothingSpecial;

    /// <summary>Writes the body of a refusal; status and <c>Retry-After</c> are set by then, and may be changed. Null: a problem-details body (RFC 9457). Default: null.</summary>
    public Func<RejectedRequest, Task>? OnRejected { get; set; }

    internal void Check()
    {
        if (Describe is null || LimitsFor is null)
            throw new ArgumentException($"HttpAdmissionOptions.{(Describe is null ? nameof(Describe) : nameof(LimitsFor))} is null; it must be a function.");
        if (MaxBodyBytes < 0)
            throw new ArgumentException(FormattableString.Invariant($"HttpAdmissionOptions.MaxBodyBytes is {MaxBodyBytes}; it must be 0 or more."));
        if (MaxBodyBytes == 0 && Describe == OfTheBody)
            throw new ArgumentException("HttpAdmissionOptions.MaxBodyBytes is 0; it must be 1 or more unless Describe is set to a function that does not read the body.");
    }
}
