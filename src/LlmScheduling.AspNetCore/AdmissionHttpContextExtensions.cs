using LlmScheduling;

namespace Microsoft.AspNetCore.Http;

/// <summary>Gives an endpoint what it was admitted with.</summary>
public static class AdmissionHttpContextExtensions
{
    /// <summary>The seat that this request holds, for reporting tokens and how the answer ended; null where no gate was passed.</summary>
    public static AdmissionLease? GetAdmissionLease(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<AdmissionLease>();
    }

    /// <summary>What was queued, within the client's limits; null where no <c>RequireLlmScheduling</c> was passed.</summary>
    public static InferenceRequest? GetInferenceRequest(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<InferenceRequest>();
    }
}
