using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.AspNetCore;

/// <summary>Turns an HTTP request into what the gate is asked for; whatever is wrong with it is a <see cref="BadHttpRequestException"/> with a message for the client.</summary>
internal sealed partial class RequestReading(HttpAdmissionOptions options, ILogger logger)
{
    /// <summary>Reads the body, if it may, describes the request, applies the headers, and bounds it all.</summary>
    public async ValueTask<InferenceRequest> ReadAsync(HttpContext context)
    {
        AskedByHeaders asked = AskedByHeaders.Read(context.Request.Headers);
        BufferedBody? body;
        InferenceRequest described;
        try
        {
            body = options.MaxBodyBytes == 0 ? null : await BufferedBody.ReadAsync(context, options.MaxBodyBytes);
            described = await options.Describe(context);
        }
        catch (Exception fault) when (MessageFor(fault) is { } message)
        {
            Unreadable(logger, context.Request.Path, fault);
            throw new BadHttpRequestException(message, fault);
        }

        body?.Rewind(context.Request);
        ArgumentNullException.ThrowIfNull(described, "HttpAdmissionOptions.Describe");
        Check(described);
        return options.LimitsFor(context).Bound(asked.Over(described));
    }

    private static string? MessageFor(Exception fault) => fault switch
    {
        InputException => fault.Message,
        JsonException => $"The body is not the JSON that is expected here: {fault.Message}",
        InvalidDataException or FormatException or OverflowException or KeyNotFoundException => "A value of the request is missing or out of form.",
        ObjectDisposedException => null,
        ArgumentException or InvalidOperationException => "A value of the request is missing or out of form.",
        _ => null,
    };

    private static void Check(InferenceRequest request)
    {
        if (request.PromptTokens < 1)
            throw new BadHttpRequestException("The prompt is empty.");
        if (request.MaxOutputTokens < 0)
            throw new BadHttpRequestException(FormattableString.Invariant($"The longest output is {request.MaxOutputTokens} tokens; it must be 0 or more."));
    }

    [LoggerMessage(30, LogLevel.Warning, "A request to {Path} could not be described; it is answered with 400.")]
    private static partial void Unreadable(ILogger logger, string path, Exception fault);
}
