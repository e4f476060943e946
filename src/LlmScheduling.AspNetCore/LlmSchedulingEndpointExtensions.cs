using LlmScheduling.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts endpoints behind admission gates.</summary>
public static class LlmSchedulingEndpointExtensions
{
    /// <summary>
    /// Lets a request into the endpoint when it gets a seat at the gate, and frees the seat when the endpoint has written its
    /// whole response, has thrown, or has given up because the client went away.
    /// </summary>
    /// <remarks>
    /// The request is read (see <see cref="HttpAdmissionOptions.Describe"/>) and queued before anything of the endpoint runs,
    /// its parameter binding and filters included. A client that goes away while it waits leaves the queue. One that goes away
    /// later cancels <see cref="AspNetCore.Http.HttpContext.RequestAborted"/>; the seat is held until the endpoint ends, since
    /// what still runs still takes the engine's time. Where several requirements meet, as of a group and of one of its
    /// endpoints, the last one holds alone. When the host begins to stop, the gate stops accepting: who waits is served, who
    /// comes is refused.
    /// </remarks>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="gate">The name given to <c>AddLlmAdmissionGate</c>; empty for the unnamed one.</param>
    /// <param name="configure">What differs here from the gate's own <see cref="HttpAdmissionOptions"/>. Null: nothing.</param>
    public static TBuilder RequireLlmScheduling<TBuilder>(this TBuilder builder, string gate = "", Action<HttpAdmissionOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(gate);
        var requirement = new AdmissionRequirement(gate, configure);
        builder.Add(endpoint => endpoint.Metadata.Add(requirement));
        builder.Finally(requirement.Enforce);
        return builder;
    }
}
