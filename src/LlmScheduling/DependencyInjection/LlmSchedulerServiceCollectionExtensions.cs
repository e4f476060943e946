using System.Diagnostics.CodeAnalysis;
using LlmScheduling;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers schedulers and gates.</summary>
/// <remarks>
/// Each is a singleton that the container disposes. Options are validated when the host starts, and whenever they are first
/// read, with one message per value out of range; they can be bound from configuration by their name, as any named options.
/// <see cref="TimeProvider"/>, <c>ILoggerFactory</c> and <c>IMeterFactory</c> are taken from the container where registered. A
/// second registration of one name registers nothing twice and configures the same scheduler further.
/// </remarks>
public static class LlmSchedulerServiceCollectionExtensions
{
    /// <summary>Registers the <see cref="BatchScheduler"/>, first come, first served unless the builder says otherwise.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="configure">Sets options; null: the defaults, or what is configured elsewhere.</param>
    public static BatchSchedulerBuilder AddLlmScheduler(this IServiceCollection services, Action<BatchSchedulerOptions>? configure = null) =>
        services.AddLlmScheduler(Options.Options.DefaultName, configure);

    /// <summary>Registers a <see cref="BatchScheduler"/> as a keyed service, for <c>[FromKeyedServices("name")]</c>.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="name">The key, the name of its options, and its name in metrics; the empty name is the unkeyed scheduler.</param>
    /// <param name="configure">Sets options; null: the defaults, or what is configured elsewhere.</param>
    public static BatchSchedulerBuilder AddLlmScheduler(this IServiceCollection services, string name, Action<BatchSchedulerOptions>? configure = null)
    {
        AddOptions(services, name, configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BatchSchedulerOptions>, BatchSchedulerOptionsValidation>());
        TryAdd(services, name, provider =>
        {
            SchedulerComposition composition = Named<SchedulerComposition>(provider, name);
            return new BatchScheduler(composition.Stack(provider), Named<BatchSchedulerOptions>(provider, name), composition.Collaborators.Make(name, provider));
        });
        return new BatchSchedulerBuilder(name, services);
    }

    /// <summary>Registers the <see cref="AdmissionGate"/>, first come, first served unless the builder says otherwise.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="configure">Sets options; null: the defaults, or what is configured elsewhere.</param>
    public static AdmissionGateBuilder AddLlmAdmissionGate(this IServiceCollection services, Action<AdmissionGateOptions>? configure = null) =>
        services.AddLlmAdmissionGate(Options.Options.DefaultName, configure);

    /// <summary>Registers an <see cref="AdmissionGate"/> as a keyed service, for <c>[FromKeyedServices("name")]</c>.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="name">The key, the name of its options, and its name in metrics; the empty name is the unkeyed gate.</param>
    /// <param name="configure">Sets options; null: the defaults, or what is configured elsewhere.</param>
    public static AdmissionGateBuilder AddLlmAdmissionGate(this IServiceCollection services, string name, Action<AdmissionGateOptions>? configure = null)
    {
        AddOptions(services, name, configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AdmissionGateOptions>, AdmissionGateOptionsValidation>());
        TryAdd(services, name, provider =>
        {
            GateComposition composition = Named<GateComposition>(provider, name);
            ISchedulingPolicy policy = composition.Policy(provider);
            return new AdmissionGate(
                new SchedulingStack(composition.PolicyName ?? policy.GetType().Name, policy), Named<AdmissionGateOptions>(provider, name), composition.Collaborators.Make(name, provider), composition.Assignment?.Invoke(provider));
        });
        return new AdmissionGateBuilder(name, services);
    }

    /// <summary>Registers a singleton: keyed by its name, unkeyed under the empty one.</summary>
    internal static void TryAdd<T>(IServiceCollection services, string name, Func<IServiceProvider, T> make)
        where T : class
    {
        if (name.Length == 0)
            services.TryAddSingleton(make);
        else
            services.TryAddKeyedSingleton(name, (provider, _) => make(provider));
    }

    internal static T Resolve<T>(IServiceProvider provider, string name)
        where T : notnull =>
        name.Length == 0 ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(name);

    internal static T Named<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceProvider provider, string name)
        where T : class =>
        provider.GetRequiredService<IOptionsMonitor<T>>().Get(name);

    private static void AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceCollection services, string name, Action<T>? configure)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        OptionsBuilder<T> options = services.AddOptions<T>(name).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
    }
}
