using System.Text;

namespace LlmScheduling.Tests;

/// <summary>
/// A scheduler, its clock, and an engine that does exactly as planned, so that a test reads as a list of steps. Plans read
/// "0:30 1:1 -2 ~3": tokens by request in grant order, who is preempted, whose KV is released; "none" for an empty plan.
/// </summary>
internal sealed class EngineRig : IDisposable
{
    public static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<long, EngineSequence> _sequences = [];
    private readonly Queue<(long Step, RequestProgress[] Progress)> _unreported = new();

    public EngineRig(
        BatchSchedulerOptions? options = null, ISchedulingPolicy? policy = null, TokenAllocation? allocation = null,
        ISchedulingPolicy? victimPolicy = null, ILatencyModel? latency = null, IRequestRanker? ranker = null, ISchedulingObserver? observer = null, IQueueAnnealer? annealer = null)
    {
        Scheduler = new BatchScheduler(
            new SchedulingStack("test", policy ?? new FirstComeFirstServed()) { Allocation = allocation ?? new() },
            options,
            new SchedulerServices
            {
                TimeProvider = Clock,
                VictimPolicy = victimPolicy,
                Latency = latency,
                Ranker = ranker,
                Annealer = annealer,
                Observers = observer is null ? [] : [observer],
            });
    }

    public ManualTimeProvider Clock { get; } = new();

    public BatchScheduler Scheduler { get; }

    /// <summary>The newest plan; emptied when its step is completed.</summary>
    public BatchPlan Newest { get; private set; } = null!;

    /// <summary>Steps that were planned and not completed.</summary>
    public int StepsInFlight => _unreported.Count;

    /// <summary>The work of the newest plan, also after its step.</summary>
    public PlannedWork[] Work { get; private set; } = [];

    public RequestTicket Enqueue(
        int prompt = 1, int output = 1, int priority = 0, TimeSpan? timeout = null, string tenant = "", int hint = 0, int cached = 0, ServiceLevelObjective? objective = null, string text = "")
    {
        RequestTicket ticket = Scheduler.Enqueue(new InferenceRequest
        {
            PromptTokens = prompt,
            MaxOutputTokens = output,
            Priority = priority,
            QueueTimeout = timeout,
            Tenant = tenant,
            CachedPrefixTokens = hint,
            Objective = objective,
            Prompt = text.AsMemory(),
        });
        _sequences.Add(ticket.Id.Sequence, new EngineSequence(prompt, output, cached));
        return ticket;
    }

    /// <summary>Plans a step and lets the engine run it; what it did is told by <see cref="Complete"/>.</summary>
    public string Plan(int freeKvBlocks = int.MaxValue)
    {
        Run(Scheduler.PlanStep(freeKvBlocks));
        return TextOf(Newest);
    }

    /// <summary>Lets the engine run a plan.</summary>
    public void Run(BatchPlan plan)
    {
        Newest = plan;
        Work = plan.Work.ToArray();
        foreach (RequestHandle preempted in plan.Preempted)
            _sequences[preempted.Id.Sequence].DropKv();
        if (!plan.IsEmpty)
            _unreported.Enqueue((plan.Step, [.. Work.Select(work => _sequences[work.Id.Sequence].Run(work))]));
    }

    /// <summary>Reports the oldest step that was planned.</summary>
    public void Complete()
    {
        (long step, RequestProgress[] progress) = _unreported.Dequeue();
        Clock.Advance(StepTime);
        Scheduler.CompleteStep(new StepResult { Step = step, Duration = StepTime, Progress = progress });
    }

    public void CompleteAll()
    {
        while (_unreported.Count > 0)
            Complete();
    }

    /// <summary>Plans a step and completes it.</summary>
    public string Step(int freeKvBlocks = int.MaxValue)
    {
        string plan = Plan(freeKvBlocks);
        if (!Newest.IsEmpty)
            Complete();
        return plan;
    }

    /// <summary>So many steps, one after another.</summary>
    public string[] Steps(int count) => [.. Enumerable.Range(0, count).Select(_ => Step())];

    /// <summary>Completes the newest plan with what the test says instead of what was planned.</summary>
    public void CompleteWith(params RequestProgress[] progress)
    {
        (long step, _) = _unreported.Dequeue();
        Clock.Advance(StepTime);
        Scheduler.CompleteStep(new StepResult { Step = step, Duration = StepTime, Progress = progress });
    }

    public void Dispose() => Scheduler.Dispose();

    /// <summary>A plan as the tests read it.</summary>
    public static string TextOf(BatchPlan plan)
    {
        var text = new StringBuilder();
        foreach (PlannedWork work in plan.Work)
            text.Append(' ').Append(work.Id.Sequence).Append(':').Append(work.Tokens);
        foreach (RequestHandle preempted in plan.Preempted)
            text.Append(" -").Append(preempted.Id.Sequence);
        foreach (RequestHandle released in plan.Released)
            text.Append(" ~").Append(released.Id.Sequence);
        return text.Length == 0 ? "none" : text.ToString(1, text.Length - 1);
    }
}
