using System.Diagnostics;

namespace LlmScheduling.Tests;

public sealed class SchedulingActivityTests : IDisposable
{
    private readonly List<Activity> _stopped = [];
    private readonly ActivityListener _listener;
    private readonly Activity _caller = new Activity("caller").Start();

    public SchedulingActivityTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "LlmScheduling",
            // Tests that run beside this one are not listened to.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == _caller.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                lock (_stopped)
                    _stopped.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public void Request_Served_IsOneSpanWithEnqueueAndDispatch()
    {
        using var rig = new EngineRig();
        Enqueue(rig.Scheduler);
        Assert.Same(_caller, Activity.Current);
        Serve(rig.Scheduler);

        Activity span = Mine();
        Assert.Equal("schedule", span.OperationName);
        Assert.Equal(["enqueue", "dispatch"], span.Events.Select(one => one.Name));
        Assert.Equal(("completed", 4), ((string)span.GetTagItem("llm_scheduling.outcome")!, (int)span.GetTagItem("llm_scheduling.prompt_tokens")!));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public void Request_PreemptedAndAdmittedAgain_IsDispatchedOnce()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, KeyedBy.PriorityBand);
        Enqueue(rig.Scheduler, priority: 1, output: 2);
        Serve(rig.Scheduler);
        rig.Scheduler.Enqueue(new InferenceRequest { PromptTokens = 4, MaxOutputTokens = 1 });
        Assert.Equal(1, rig.Scheduler.PlanStep().Preempted.Length);
        rig.Scheduler.CompleteStep(new StepResult { Step = 2, Duration = default, Progress = [new(new(1), 4, 1)] });
        BatchPlan again = rig.Scheduler.PlanStep();
        rig.Scheduler.CompleteStep(new StepResult { Step = again.Step, Duration = default, Progress = [new(again.Work[0].Id, again.Work[0].Tokens, 1)] });

        Assert.Equal(["enqueue", "dispatch"], Mine().Events.Select(one => one.Name));
    }

    [Fact]
    public void Request_Refused_IsASpanInError()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 1, KvBlockTokens = 1 });
        Enqueue(rig.Scheduler);

        Activity span = Mine();
        Assert.Equal((ActivityStatusCode.Error, "unservable"), (span.Status, span.StatusDescription));
    }

    [Fact]
    public async Task Request_EndedInsideAnotherActivity_LeavesThatOneCurrent()
    {
        using var gate = new AdmissionGate(new FirstComeFirstServed());
        AdmissionLease lease = await gate.AcquireAsync(new InferenceRequest { PromptTokens = 4, MaxOutputTokens = 1, TrafficClass = "mine" });
        using Activity other = new Activity("another request").Start();

        lease.Complete(FinishReason.Stop);

        Mine();
        Assert.Same(other, Activity.Current);
    }

    [Fact]
    public async Task Request_RefusedInsideAnotherActivity_LeavesThatOneCurrent()
    {
        using var gate = new AdmissionGate(new FirstComeFirstServed(), new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 1, QueueFull = QueueFullAction.Displace });
        using AdmissionLease held = await gate.AcquireAsync(new InferenceRequest { PromptTokens = 4, MaxOutputTokens = 1 });
        Task<AdmissionLease> displaced = gate.AcquireAsync(new InferenceRequest { PromptTokens = 4, MaxOutputTokens = 1, Priority = 1, TrafficClass = "mine" }).AsTask();
        using Activity other = new Activity("another request").Start();

        Task<AdmissionLease> urgent = gate.AcquireAsync(new InferenceRequest { PromptTokens = 4, MaxOutputTokens = 1 }).AsTask();

        Assert.Same(other, Activity.Current);
        Assert.Equal(RequestOutcome.Displaced, (await displaced).Refusal);
        Mine();
        Assert.False(urgent.IsCompleted);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _caller.Dispose();
    }

    private static void Serve(BatchScheduler scheduler)
    {
        BatchPlan plan = scheduler.PlanStep();
        scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = default, Progress = [new(plan.Work[0].Id, plan.Work[0].Tokens, 1)] });
    }

    private void Enqueue(BatchScheduler scheduler, int priority = 0, int output = 1) =>
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 4, MaxOutputTokens = output, Priority = priority, TrafficClass = "mine" });

    private Activity Mine()
    {
        lock (_stopped)
            return Assert.Single(_stopped, activity => activity.ParentSpanId == _caller.SpanId && Equals(activity.GetTagItem("llm_scheduling.traffic_class"), "mine"));
    }
}
