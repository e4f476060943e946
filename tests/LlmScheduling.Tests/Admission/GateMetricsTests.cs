namespace LlmScheduling.Tests.Admission;

public class GateMetricsTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly OneMeterFactory _factory = new();

    [Fact]
    public async Task Lease_FromArrivalToEnd_IsMeasured()
    {
        using Measurements heard = _factory.Listen();
        using AdmissionGate gate = New();
        AdmissionLease first = await gate.AcquireAsync(Request());
        Task<AdmissionLease> waiting = gate.AcquireAsync(Request()).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(2));
        first.Dispose();
        AdmissionLease second = await GateRig.Soon(waiting);
        _clock.Advance(TimeSpan.FromSeconds(1));
        second.ReportTokens(1);
        _clock.Advance(TimeSpan.FromSeconds(4));
        second.ReportTokens(2);
        second.Complete(FinishReason.Stop);

        Assert.Equal([0, 2], heard.Of("llm_scheduling.queue.duration").Select(one => one.Value));
        Assert.Equal(3, Assert.Single(heard.Of("gen_ai.server.time_to_first_token")).Value);
        Assert.Equal(2, Assert.Single(heard.Of("gen_ai.server.time_per_output_token")).Value);
        Assert.Equal([2, 7], heard.Of("gen_ai.server.request.duration").Select(one => one.Value));
        Assert.Equal(["cancelled", "completed"], Outcomes(heard));
        Assert.Equal("FirstComeFirstServed", heard.Of("llm_scheduling.requests")[0].Tags["llm_scheduling.policy"]);
    }

    [Fact]
    public async Task UsePolicy_WithAName_IsMeasuredUnderIt_AndAnUnnamedOneUnderItsType()
    {
        using Measurements heard = _factory.Listen();
        using AdmissionGate gate = New();
        gate.UsePolicy(new FirstComeFirstServed(), "our order");
        Assert.Equal("our order", gate.PolicyName);
        (await gate.AcquireAsync(Request())).Dispose();
        gate.Policy = new ShortestPromptFirst();
        Assert.Equal("ShortestPromptFirst", gate.PolicyName);
        (await gate.AcquireAsync(Request())).Dispose();

        Assert.Equal(["our order", "ShortestPromptFirst"], heard.Of("llm_scheduling.requests").Select(one => one.Tags["llm_scheduling.policy"]));
        Assert.Throws<ArgumentException>(() => gate.UsePolicy(new FirstComeFirstServed(), " "));
        Assert.Equal("ShortestPromptFirst", gate.PolicyName);
    }

    [Fact]
    public async Task Refusals_AtTheDoorOrByTheDecision_AreCountedOnceEach()
    {
        using Measurements heard = _factory.Listen();
        using AdmissionGate gate = New();
        AdmissionLease held = await gate.AcquireAsync(Request());
        gate.TryAcquire(Request());
        Task<AdmissionLease> waiting = gate.AcquireAsync(Request()).AsTask();
        await gate.AcquireAsync(Request());
        gate.TryAcquire(Request());
        await gate.AcquireAsync(new InferenceRequest { PromptTokens = 1_000, MaxOutputTokens = 1 });
        gate.Dispose();
        await GateRig.Soon(waiting);
        held.Dispose();

        Assert.Equal(["queue_full", "queue_full", "queue_full", "unservable", "shut_down"], Outcomes(heard).Take(5));
    }

    [Fact]
    public async Task Queue_WhileOneWaits_IsObserved()
    {
        using Measurements heard = _factory.Listen();
        using AdmissionGate gate = New();
        await gate.AcquireAsync(Request());
        Task<AdmissionLease> waiting = gate.AcquireAsync(Request()).AsTask();

        heard.Observe();

        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, Assert.Single(heard.Of("llm_scheduling.queue.length")).Value);
        Assert.Equal(10, Assert.Single(heard.Of("llm_scheduling.queue.tokens")).Value);
    }

    private static InferenceRequest Request() => GateRig.Request();

    private static IEnumerable<object?> Outcomes(Measurements heard) => heard.Of("llm_scheduling.requests").Select(one => one.Tags["llm_scheduling.outcome"]);

    private AdmissionGate New() => new(
        new FirstComeFirstServed(),
        new AdmissionGateOptions { MaxSequences = 1, MaxTokens = 500, MaxQueuedRequests = 1 },
        new SchedulerServices { TimeProvider = _clock, MeterFactory = _factory });
}
