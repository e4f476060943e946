using System.Diagnostics.Metrics;
using LlmScheduling;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Ranks the prompts of a scheduler or a gate with an ONNX model.</summary>
public static class OnnxRankerBuilderExtensions
{
    /// <summary>Scores prompts by the ONNX model at <paramref name="path"/>, which is loaded when the scheduler is first resolved; the container disposes it after the scheduler.</summary>
    /// <remarks>What <see cref="OnnxRequestRanker.Load"/> throws is thrown when the scheduler is resolved.</remarks>
    /// <param name="builder">The scheduler.</param>
    /// <param name="path">The .onnx file; its vocab.txt lies beside it, unless the options say otherwise.</param>
    /// <param name="configure">Sets the options.</param>
    public static BatchSchedulerBuilder UseOnnxRanker(this BatchSchedulerBuilder builder, string path, Action<OnnxRankerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseRanker(Register(builder.Services, path, configure));
    }

    /// <summary>Scores prompts by the ONNX model at <paramref name="path"/>, which is loaded when the gate is first resolved; the container disposes it after the gate.</summary>
    /// <remarks>What <see cref="OnnxRequestRanker.Load"/> throws is thrown when the gate is resolved.</remarks>
    /// <param name="builder">The gate.</param>
    /// <param name="path">The .onnx file; its vocab.txt lies beside it, unless the options say otherwise.</param>
    /// <param name="configure">Sets the options.</param>
    public static AdmissionGateBuilder UseOnnxRanker(this AdmissionGateBuilder builder, string path, Action<OnnxRankerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseRanker(Register(builder.Services, path, configure));
    }

    private static Func<IServiceProvider, IRequestRanker> Register(IServiceCollection services, string path, Action<OnnxRankerOptions>? configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // A key of its own, so that every call is a ranker of its own.
        object key = new();
        services.AddKeyedSingleton(key, (provider, _) =>
        {
            var options = new OnnxRankerOptions();
            configure?.Invoke(options);
            return OnnxRequestRanker.Load(path, options, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>(), provider.GetService<IMeterFactory>());
        });
        return provider => provider.GetRequiredKeyedService<OnnxRequestRanker>(key);
    }
}
