using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LlmScheduling.AspNetCore;

/// <summary>A request's body, read whole into memory, so that it can be read twice.</summary>
/// <remarks>It is read before the request queues, so that a slow sender holds no place.</remarks>
internal sealed class BufferedBody
{
    private readonly byte[] _bytes;

    private BufferedBody(byte[] bytes) => _bytes = bytes;

    /// <summary>Reads at most <paramref name="maxBytes"/>; null where there is no body. A longer one is a <see cref="BadHttpRequestException"/> with 413.</summary>
    public static async ValueTask<BufferedBody?> ReadAsync(HttpContext context, int maxBytes)
    {
        HttpRequest request = context.Request;
        if (request.ContentLength == 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        if (request.ContentLength > maxBytes)
            throw TooLong(maxBytes);

        PipeReader reader = request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLong(maxBytes);
            }

            if (read.IsCompleted)
            {
                var body = new BufferedBody(read.Buffer.ToArray());
                reader.AdvanceTo(read.Buffer.End);
                body.Rewind(request);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Puts the body back, from its beginning, whatever was done with it before.</summary>
    public void Rewind(HttpRequest request) => request.Body = new MemoryStream(_bytes, writable: false);

    private static BadHttpRequestException TooLong(int maxBytes) =>
        new(FormattableString.Invariant($"The body is longer than the {maxBytes} bytes that are read here."), StatusCodes.Status413PayloadTooLarge);
}
