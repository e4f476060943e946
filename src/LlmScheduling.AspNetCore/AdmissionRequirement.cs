using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LlmScheduling.AspNetCore;

/// <summary>That an endpoint is behind a gate; the last one among an endpoint's metadata holds.</summary>
internal sealed class AdmissionRequirement(string gate, Action<HttpAdmissionOptions>? configure)
{
    /// <summary>Puts the endpoint behind the gate, unless a later requirement does.</summary>
    public void Enforce(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<AdmissionRequirement>().Last() != this)
            return;
        if (endpoint.RequestDelegate is not { } next)
            throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' has no request delegate that could wait for a seat.");

        IServiceProvider services = endpoint.ApplicationServices;
        AdmissionGate theGate = GateIn(services);
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopping.Register(theGate.StopAccepting);
        ILogger logger = services.GetService<ILoggerFactory>()?.CreateLogger<HttpAdmission>() ?? (ILogger)NullLogger.Instance;
        endpoint.RequestDelegate = new HttpAdmission(theGate, OptionsIn(services), next, logger).InvokeAsync;
    }

    private AdmissionGate GateIn(IServiceProvider services) =>
        (gate.Length == 0 ? services.GetService<AdmissionGate>() : services.GetKeyedService<AdmissionGate>(gate))
        ?? throw new InvalidOperationException($"RequireLlmScheduling(\"{gate}\") found no gate of that name; register it with services.AddLlmAdmissionGate(\"{gate}\").");

    private HttpAdmissionOptions OptionsIn(IServiceProvider services)
    {
        HttpAdmissionOptions options = services.GetService<IOptionsFactory<HttpAdmissionOptions>>()?.Create(gate) ?? new HttpAdmissionOptions();
        configure?.Invoke(options);
        options.Check();
        return options;
    }
}
