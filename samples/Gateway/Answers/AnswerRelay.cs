using System.Buffers;
using System.Net.Mime;
using System.Text.Json;
using LlmScheduling;

namespace Gateway;

/// <summary>Passes an answer on. A stream goes out as it comes, byte for byte; any other answer is read whole first, so that a broken one is an error and never a success.</summary>
internal sealed class AnswerRelay(GatewayOptions options)
{
    private const int PartBytes = 8 * 1024;

    private static readonly TimeSpan AfterTheEnd = TimeSpan.FromSeconds(1);

    /// <summary>Passes it on and tells the lease what came.</summary>
    /// <returns>How it ended; None where the upstream refused the request.</returns>
    /// <exception cref="UpstreamFault">The answer is broken, and nothing of it was sent.</exception>
    /// <exception cref="StreamCutException">It broke off after some of it was sent.</exception>
    public async Task<FinishReason> RelayAsync(HttpResponseMessage answer, HttpContext context, AdmissionLease lease, CancellationTokenSource patience, CancellationToken either)
    {
        if ((int)answer.StatusCode is < 200 or StatusCodes.Status304NotModified or > 599)
            throw new UpstreamFault(StatusCodes.Status502BadGateway, $"The upstream answered {(int)answer.StatusCode}, which is no answer to this.", mayRetry: true);
        string? type = answer.Content.Headers.ContentType?.MediaType;
        if (answer.IsSuccessStatusCode && type is not (MediaTypeNames.Text.EventStream or MediaTypeNames.Application.Json))
            throw new UpstreamFault(StatusCodes.Status502BadGateway, $"The upstream answered with '{type}', which is no completion.", mayRetry: true);

        Stream body = await answer.Content.ReadAsStreamAsync(either);
        return answer.IsSuccessStatusCode && type == MediaTypeNames.Text.EventStream
            ? await StreamAsync(answer, body, context, lease, patience, either)
            : await WholeAsync(answer, body, context, lease, either);
    }

    private async Task<FinishReason> StreamAsync(HttpResponseMessage answer, Stream body, HttpContext context, AdmissionLease lease, CancellationTokenSource patience, CancellationToken either)
    {
        var tally = new EventTally();
        byte[] part = ArrayPool<byte>.Shared.Rent(PartBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(part, either)) > 0)
            {
                // A client that reads slowly is no fault of the upstream's; the server has a limit of its own for it.
                patience.CancelAfter(Timeout.InfiniteTimeSpan);
                if (!context.Response.HasStarted)
                    ForwardedHeaders.Answer(answer, context.Response);
                await context.Response.BodyWriter.WriteAsync(part.AsMemory(0, read), context.RequestAborted);
                lease.ReportTokens(tally.Read(part.AsSpan(0, read)));
                patience.CancelAfter(tally.IsDone ? AfterTheEnd : options.StallTimeout);
            }

            lease.ReportTokens(tally.End());
            if (!tally.IsDone)
                throw new IOException("The stream ended before its end.");
            return tally.Finish;
        }
        catch (Exception fault) when (context.Response.HasStarted && fault is IOException or HttpRequestException or OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            if (tally.IsDone)
                return tally.Finish;
            string message = fault is OperationCanceledException ? "The upstream stopped answering." : "The upstream broke off its answer.";
            string error = JsonSerializer.Serialize(new { error = new { message, type = "server_error", param = (string?)null, code = "upstream_failed" } });
            await context.Response.WriteAsync($"\n\ndata: {error}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            throw new StreamCutException(message, fault);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    private async Task<FinishReason> WholeAsync(HttpResponseMessage answer, Stream body, HttpContext context, AdmissionLease lease, CancellationToken either)
    {
        using var whole = new MemoryStream();
        byte[] part = new byte[PartBytes];
        int read;
        while (whole.Length <= options.MaxAnswerBytes && (read = await body.ReadAsync(part, either)) > 0)
            whole.Write(part, 0, read);
        bool isWhole = whole.Length <= options.MaxAnswerBytes;

        ReadOnlyMemory<byte> bytes = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        AnswerPart said = default;
        if (answer.IsSuccessStatusCode && isWhole)
        {
            said = AnswerPart.Read(bytes.Span) ?? throw new UpstreamFault(StatusCodes.Status502BadGateway, "The upstream answered with broken JSON.", mayRetry: true);
            lease.ReportTokens(said.OutputTokens ?? (said.HasText ? 1 : 0));
        }

        ForwardedHeaders.Answer(answer, context.Response);
        context.Response.ContentLength = isWhole ? bytes.Length : answer.Content.Headers.ContentLength;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        if (!isWhole)
            await RestAsync(body, context, either);
        return !answer.IsSuccessStatusCode ? FinishReason.None : said.Finish == FinishReason.None ? FinishReason.Stop : said.Finish;
    }

    private static async Task RestAsync(Stream body, HttpContext context, CancellationToken either)
    {
        try
        {
            await body.CopyToAsync(context.Response.Body, either);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new StreamCutException("The upstream broke off its answer.", fault);
        }
    }
}
