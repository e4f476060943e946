using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmScheduling.Tests;

public sealed class AddLlmAdmissionGateTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public async Task Default_IsOneGateThatHandsOutSeats()
    {
        _services.AddLlmAdmissionGate(options => (options.MaxSequences, options.MaxQueuedRequests) = (1, 0));
        await using ServiceProvider provider = _services.BuildServiceProvider();

        var gate = provider.GetRequiredService<AdmissionGate>();
        using AdmissionLease first = await gate.AcquireAsync(Plain()), second = await gate.AcquireAsync(Plain());
        Assert.Equal((true, false), (first.IsAcquired, second.IsAcquired));
        Assert.IsType<FirstComeFirstServed>(gate.Policy);
    }

    [Fact]
    public async Task Named_TakesItsOwnPolicyAssignmentAndOptions()
    {
        _services.AddLlmAdmissionGate("fleet", options => options.Instances = 3).UsePolicy(new ShortestPromptFirst()).UseAssignment(_ => new Always(2));
        _services.AddLlmAdmissionGate("fleet", options => options.MaxSequences = 5);
        await using ServiceProvider provider = _services.BuildServiceProvider();

        var gate = provider.GetRequiredKeyedService<AdmissionGate>("fleet");
        using AdmissionLease lease = await gate.AcquireAsync(Plain());
        Assert.Equal(2, lease.Instance);
        Assert.IsType<ShortestPromptFirst>(gate.Policy);
        Assert.Null(provider.GetService<AdmissionGate>());
    }

    [Fact]
    public void UsePolicy_WithAName_HoldsUntilAnotherPolicyIsChosen()
    {
        _services.AddLlmAdmissionGate("named").UsePolicy(new ShortestPromptFirst(), "short first");
        _services.AddLlmAdmissionGate("later").UsePolicy(new ShortestPromptFirst(), "short first").UsePolicy(new FirstComeFirstServed());
        using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.Equal("short first", provider.GetRequiredKeyedService<AdmissionGate>("named").PolicyName);
        Assert.Equal("FirstComeFirstServed", provider.GetRequiredKeyedService<AdmissionGate>("later").PolicyName);
    }

    [Fact]
    public void Resolve_OptionsOutOfRange_TellsEveryProblemAtOnce()
    {
        _services.AddLlmAdmissionGate(options => (options.MaxSequences, options.Instances) = (0, 0));
        using ServiceProvider provider = _services.BuildServiceProvider();

        OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Equal(2, refused.Failures.Count());
    }

    [Fact]
    public async Task Dispose_OfTheContainer_EndsWhoWaits()
    {
        _services.AddLlmAdmissionGate(options => options.MaxSequences = 1);
        ServiceProvider provider = _services.BuildServiceProvider();
        var gate = provider.GetRequiredService<AdmissionGate>();
        using AdmissionLease seated = await gate.AcquireAsync(Plain());
        ValueTask<AdmissionLease> waiting = gate.AcquireAsync(Plain());
        provider.Dispose();

        Assert.Equal(RequestOutcome.ShutDown, (await waiting).Refusal);
    }

    [Fact]
    public async Task Collaborators_OfTheBuilder_AreUsed()
    {
        var clock = new ManualTimeProvider();
        var ended = new Ended();
        _services.AddSingleton<TimeProvider>(clock);
        _services.AddLlmAdmissionGate()
            .AddObserver(_ => ended)
            .UseSloModel(_ => new TrafficClassSlo(new Dictionary<string, ServiceLevelObjective> { [""] = new() { EndToEnd = TimeSpan.FromSeconds(7) } }));
        await using ServiceProvider provider = _services.BuildServiceProvider();
        AdmissionLease lease = await provider.GetRequiredService<AdmissionGate>().AcquireAsync(Plain());
        clock.Advance(TimeSpan.FromSeconds(3));
        lease.Complete(FinishReason.Stop);

        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7)), ended.Last);
    }

    private static InferenceRequest Plain() => new() { PromptTokens = 5, MaxOutputTokens = 5 };

    private sealed class Always(int instance) : IInstanceAssignment
    {
        public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances) => instance;
    }

    private sealed class Ended : ISchedulingObserver
    {
        public (TimeSpan At, TimeSpan Deadline) Last { get; private set; }

        public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
        {
        }

        public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
        {
        }

        public void OnRequestEnded(in EndedRequest request) => Last = (request.EndedAt, request.Targets.EndToEnd);
    }
}
