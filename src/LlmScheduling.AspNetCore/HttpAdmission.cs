using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.AspNetCore;

/// <summary>One endpoint behind a gate: reads the request, waits, runs the endpoint, frees the seat.</summary>
internal sealed class HttpAdmission(AdmissionGate gate, HttpAdmissionOptions options, RequestDelegate next, ILogger logger)
{
    private readonly RequestReading _reading = new(options, logger);

    public async Task InvokeAsync(HttpContext context)
    {
        InferenceRequest request;
        try
        {
            request = await _reading.ReadAsync(context);
        }
        catch (BadHttpRequestException fault) when (!context.RequestAborted.IsCancellationRequested)
        {
            await ProblemAnswer.WriteAsync(context, fault.StatusCode, fault.Message);
            return;
        }

        AdmissionLease lease = await gate.AcquireAsync(request, context.RequestAborted);
        if (!lease.IsAcquired)
        {
            await RefuseAsync(context, request, lease);
            return;
        }

        context.Features.Set(lease);
        context.Features.Set(request);
        try
        {
            await next(context);
        }
        catch
        {
            LeaseEnd.AsFailed(lease, context);
            throw;
        }

        LeaseEnd.AsAnswered(lease, context);
    }

    private async Task RefuseAsync(HttpContext context, InferenceRequest request, AdmissionLease lease)
    {
        var rejected = new RejectedRequest(context, request, lease.Refusal!.Value, lease.RetryAfter);
        rejected.WriteHead();
        await (options.OnRejected?.Invoke(rejected) ?? rejected.WriteProblemAsync());
    }
}
