using LlmScheduling;

namespace Gateway;

/// <summary>
/// Forwards a request that has its seat to the upstream that the seat is on. What fails before anything was sent to the client
/// is tried once more: it goes back into the queue, and to whichever upstream has room.
/// </summary>
internal sealed partial class CompletionForwarding(
    UpstreamFleet fleet, UpstreamClient client, AdmissionGate gate, PriorityWriter priority, AnswerRelay relay, UpstreamMetrics metrics, GatewayOptions options, TimeProvider clock, ILogger<CompletionForwarding> logger)
{
    /// <summary>The endpoint; <c>RequireLlmScheduling</c> has read the request and waited for its seat, and frees the seat when this has ended.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        InferenceRequest request = context.GetInferenceRequest()!;
        UpstreamFault? fault = await TryAsync(context, request, context.GetAdmissionLease()!);
        if (fault is { MayRetry: true })
        {
            metrics.Retried();
            using AdmissionLease second = await gate.AcquireAsync(CompletionRequest.Again(request), context.RequestAborted);
            if (second.IsAcquired)
                fault = await TryAsync(context, request, second);
        }

        if (fault is not null)
            await fault.WriteAsync(context);
    }

    /// <summary>Returns what went wrong where the client can still be told otherwise, and null where it has its answer.</summary>
    private async Task<UpstreamFault?> TryAsync(HttpContext context, InferenceRequest request, AdmissionLease lease)
    {
        Upstream upstream = fleet.All[lease.Instance];
        upstream.Begin();
        try
        {
            FinishReason finish = await ForwardAsync(context, request, lease, upstream);
            upstream.CountSuccess();
            metrics.Answered(upstream, finish == FinishReason.None ? "refused" : finish == FinishReason.Failed ? "failed" : "ok");
            if (finish == FinishReason.None)
                lease.Dispose();
            else
                lease.Complete(finish);
            return null;
        }
        catch (UpstreamFault fault)
        {
            Failed(upstream, lease, fault, "failed");
            return fault;
        }
        catch (StreamCutException fault)
        {
            Failed(upstream, lease, fault, "cut");
            throw;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            metrics.Answered(upstream, "cancelled");
            throw;
        }
        finally
        {
            upstream.End();
        }
    }

    private async Task<FinishReason> ForwardAsync(HttpContext context, InferenceRequest request, AdmissionLease lease, Upstream upstream)
    {
        using var patience = new CancellationTokenSource(options.FirstByteTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        try
        {
            using HttpRequestMessage message = ForwardedHeaders.Request(
                context.Request, upstream.At(context.Request.Path + context.Request.QueryString), priority.BodyOf(request));
            using HttpResponseMessage answer = await client.SendAsync(message, either.Token);
            if (answer.StatusCode is System.Net.HttpStatusCode.BadGateway or System.Net.HttpStatusCode.ServiceUnavailable or System.Net.HttpStatusCode.GatewayTimeout)
                throw new UpstreamFault(StatusCodes.Status502BadGateway, $"The upstream answered {(int)answer.StatusCode}.", mayRetry: true);
            return await relay.RelayAsync(answer, context, lease, patience, either.Token);
        }
        catch (OperationCanceledException cause) when (patience.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // It may still be working on it: no second one is given the same.
            throw new UpstreamFault(StatusCodes.Status504GatewayTimeout, "The upstream did not answer in time.", mayRetry: false, cause);
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException and not StreamCutException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new UpstreamFault(StatusCodes.Status502BadGateway, "The upstream broke off before it answered.", mayRetry: true, cause);
        }
    }

    private void Failed(Upstream upstream, AdmissionLease lease, Exception fault, string result)
    {
        lease.Complete(FinishReason.Failed);
        fleet.Suspect(upstream, fault.Message);
        metrics.Answered(upstream, result);
        HasFailed(logger, upstream.Name, fault.Message, fault.InnerException);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Upstream}: {Why}")]
    private static partial void HasFailed(ILogger logger, string upstream, string why, Exception? cause);
}
