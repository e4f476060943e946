using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;

namespace LlmScheduling.AspNetCore;

/// <summary>How a request that held a seat has ended, where the endpoint has not said so itself by completing the lease.</summary>
internal static class LeaseEnd
{
    /// <summary>The endpoint threw: cancelled if the client had gone away, otherwise, as where a request timeout of the server passed, failed.</summary>
    public static void AsFailed(AdmissionLease lease, HttpContext context)
    {
        if (HasClientGone(context))
            lease.Dispose();
        else
            lease.Complete(FinishReason.Failed);
    }

    /// <summary>The endpoint ended: failed with a status of 500 or more, cancelled with 400 or more or without a client, otherwise completed.</summary>
    public static void AsAnswered(AdmissionLease lease, HttpContext context)
    {
        int status = context.Response.StatusCode;
        if (HasClientGone(context) || status is >= 400 and < 500)
            lease.Dispose();
        else
            lease.Complete(status >= 500 ? FinishReason.Failed : FinishReason.Stop);
    }

    /// <summary>A request timeout of the server's own cancels the same token.</summary>
    private static bool HasClientGone(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested && context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested is not true;
}
