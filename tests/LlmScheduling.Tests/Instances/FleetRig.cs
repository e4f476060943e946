namespace LlmScheduling.Tests.Instances;

/// <summary>Several schedulers with one queue, their clock, and engines that do exactly as planned; plans read as in <see cref="EngineRig"/>.</summary>
internal sealed class FleetRig : IDisposable
{
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<long, EngineSequence> _sequences = [];
    private readonly (long Step, RequestProgress[] Progress)?[] _unreported;

    public FleetRig(int instances, BatchSchedulerOptions? options = null, ISchedulingPolicy? policy = null, params ISchedulingObserver[] observers)
    {
        _unreported = new (long, RequestProgress[])?[instances];
        Instances = BatchScheduler.CreateInstances(instances, new SchedulingStack("test", policy ?? new FirstComeFirstServed()), options, new SchedulerServices
        {
            TimeProvider = Clock,
            Observers = [Ended, .. observers],
        });
    }

    public ManualTimeProvider Clock { get; } = new();

    public EndedRequests Ended { get; } = new();

    public IReadOnlyList<BatchScheduler> Instances { get; }

    public RequestTicket Enqueue(int prompt = 1, int output = 1, int priority = 0, TimeSpan? timeout = null, string trafficClass = "", int at = 0)
    {
        RequestTicket ticket = Instances[at].Enqueue(new InferenceRequest
        {
            PromptTokens = prompt,
            MaxOutputTokens = output,
            Priority = priority,
            QueueTimeout = timeout,
            TrafficClass = trafficClass,
        });
        _sequences.Add(ticket.Id.Sequence, new EngineSequence(prompt, output, cached: 0));
        return ticket;
    }

    /// <summary>Plans a step of one engine, which it runs until <see cref="Complete"/>.</summary>
    public string Plan(int instance)
    {
        BatchPlan plan = Instances[instance].PlanStep();
        foreach (RequestHandle preempted in plan.Preempted)
            _sequences[preempted.Id.Sequence].DropKv();
        if (!plan.IsEmpty)
            _unreported[instance] = (plan.Step, [.. plan.Work.ToArray().Select(work => _sequences[work.Id.Sequence].Run(work))]);
        return EngineRig.TextOf(plan);
    }

    public void Complete(int instance)
    {
        (long step, RequestProgress[] progress) = _unreported[instance]!.Value;
        _unreported[instance] = null;
        Clock.Advance(StepTime);
        Instances[instance].CompleteStep(new StepResult { Step = step, Duration = StepTime, Progress = progress });
    }

    public string Step(int instance)
    {
        string plan = Plan(instance);
        if (_unreported[instance] is not null)
            Complete(instance);
        return plan;
    }

    public void Dispose()
    {
        foreach (BatchScheduler instance in Instances)
            instance.Dispose();
    }
}
