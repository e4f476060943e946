namespace LlmScheduling.SoakTests;

/// <summary>The one engine thread: waits, plans, checks every budget of every plan, reports what it did.</summary>
internal sealed class SoakEngine(BatchScheduler scheduler, BatchSchedulerOptions options, StallingRanker ranker, int stepsPerRanking)
{
    private readonly Queue<(long Step, PlannedWork[] Work)> _inFlight = new();
    private readonly Dictionary<RequestId, SoakSequence> _holders = [];
    private readonly Random _random = new(1);

    public long Steps { get; private set; }

    public long Preemptions { get; private set; }

    public long PolicyFaults { get; private set; }

    /// <summary>Told the number of each step, on the engine's thread.</summary>
    public Action<long> OnStep { get; init; } = _ => { };

    /// <summary>What the thread died of; null while all is well.</summary>
    public Exception? Failure { get; private set; }

    public int ThreadId { get; private set; }

    public Thread Start()
    {
        var thread = new Thread(Run) { Name = "engine" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        ThreadId = Environment.CurrentManagedThreadId;
        try
        {
            while (scheduler.WaitForWorkAsync().AsTask().GetAwaiter().GetResult())
            {
                BatchPlan plan = scheduler.PlanStep();
                Check(plan);
                if (!plan.IsEmpty)
                    _inFlight.Enqueue((plan.Step, plan.Work.ToArray()));
                if (_inFlight.Count > 0 && (plan.IsEmpty || _inFlight.Count == options.StepsInFlight))
                    Complete();
                if (++Steps % stepsPerRanking == 0)
                    ranker.GoOn();
                OnStep(Steps);
            }
        }
        catch (Exception failure)
        {
            Failure = failure;
            scheduler.Dispose();
        }
    }

    private void Check(BatchPlan plan)
    {
        long newest = _inFlight.Count == 0 ? 0 : _inFlight.Last().Step;
        foreach (RequestHandle preempted in plan.Preempted)
        {
            ((SoakSequence)preempted.Request.State!).Preempt(newest);
            _holders.Remove(preempted.Id);
        }

        foreach (RequestHandle released in plan.Released)
            _holders.Remove(released.Id);
        Preemptions += plan.Preempted.Length;
        PolicyFaults += plan.PolicyFault is null ? 0 : 1;

        long tokens = 0;
        foreach (PlannedWork work in plan.Work)
        {
            tokens += work.Tokens;
            Assert.True(work.Tokens > 0);
            _holders[work.Id] = (SoakSequence)work.Request.State!;
        }

        Assert.InRange(tokens, 0, options.MaxBatchTokens);
        Assert.InRange(plan.Work.Length, 0, options.MaxSequences);
        Assert.InRange(_holders.Count, 0, options.MaxSequences);
        Assert.InRange(scheduler.HeldKvBlocks, 0, options.KvTotalBlocks!.Value);
        Assert.InRange(_holders.Values.Sum(holder => (holder.Computed + options.KvBlockTokens - 1) / options.KvBlockTokens), 0, options.KvTotalBlocks.Value);
    }

    private void Complete()
    {
        (long step, PlannedWork[] work) = _inFlight.Dequeue();
        var progress = new RequestProgress[work.Length];
        for (int i = 0; i < work.Length; i++)
            progress[i] = ((SoakSequence)work[i].Request.State!).Run(work[i], step, _random);
        scheduler.CompleteStep(new StepResult { Step = step, Duration = TimeSpan.FromMicroseconds(_random.Next(100)), Progress = progress });
        foreach (RequestProgress each in progress)
        {
            if (each.Finish != FinishReason.None || (_holders.TryGetValue(each.Id, out SoakSequence? sequence) && sequence.IsDone))
                _holders.Remove(each.Id);
        }
    }
}
