using LlmScheduling.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says how HTTP requests come to a registered gate.</summary>
public static class HttpAdmissionGateBuilderExtensions
{
    /// <summary>Sets what holds for every endpoint that requires this gate.</summary>
    public static AdmissionGateBuilder ConfigureHttp(this AdmissionGateBuilder builder, Action<HttpAdmissionOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }
}
