namespace LlmScheduling.Benchmarks;

/// <summary>A scheduler whose seats are all taken and whose queue keeps its length: in each step some requests end, and as many are admitted.</summary>
internal sealed class SteadyQueue : IDisposable
{
    private const int Seats = 256, Endless = 1_000_000;

    private readonly Random _random = new(1);
    private readonly RequestProgress[] _progress = new RequestProgress[Seats];
    private readonly BatchScheduler _scheduler;
    private readonly int _live;
    private int _requests;

    public SteadyQueue(SchedulingStack stack, int live)
    {
        _live = live;
        _scheduler = new BatchScheduler(stack, new BatchSchedulerOptions { MaxSequences = Seats, MaxBatchTokens = 8_192, MaxQueuedRequests = int.MaxValue });
        TopUp(0);
        TurnOver();
    }

    /// <summary>What the policy gives now, in the order of the table.</summary>
    public Candidate[] Candidates()
    {
        SchedulingStack stack = _scheduler.Stack;
        var capture = new CapturingPolicy(stack.Policy);
        _scheduler.Stack = stack with { Policy = capture };
        Step(ending: 0);
        _scheduler.Stack = stack;
        return capture.Candidates;
    }

    /// <summary>Brings the queue to its length and <paramref name="more"/>, and lets the scheduler take them in.</summary>
    public void TopUp(int more)
    {
        for (; _requests < _live + more; _requests++)
        {
            int prompt = _random.Next(16, 401);
            _scheduler.Enqueue(new InferenceRequest { PromptTokens = prompt, MaxOutputTokens = Endless, Priority = _random.Next(10), State = new Sequence { Left = prompt } });
        }

        Step(ending: 0);
    }

    /// <summary>Plans a step and completes it; the first <paramref name="ending"/> requests in decode end.</summary>
    /// <param name="ending">How many end; as many are admitted in the next step.</param>
    /// <param name="reportsDecodes">False: the others in decode report no progress, which leaves of the step little but its planning.</param>
    public void Step(int ending, bool reportsDecodes = true)
    {
        BatchPlan plan = _scheduler.PlanStep();
        int reported = 0;
        foreach (ref readonly PlannedWork work in plan.Work)
        {
            var sequence = (Sequence)work.Request.State!;
            bool isDecode = sequence.Left == 0, ends = isDecode && ending > 0;
            if (isDecode && !ends && !reportsDecodes)
                continue;
            sequence.Left = Math.Max(0, sequence.Left - work.Tokens);
            if (ends)
                (ending, _requests) = (ending - 1, _requests - 1);
            _progress[reported++] = new RequestProgress(work.Id, work.Tokens, sequence.Left == 0 ? 1 : 0, ends ? FinishReason.Stop : FinishReason.None);
        }

        _scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.FromMilliseconds(25), Progress = _progress.AsSpan(0, reported) });
    }

    public void Dispose() => _scheduler.Dispose();

    /// <summary>Serves many requests, so that the order of the queue in memory is that of a server that has run for a while.</summary>
    private void TurnOver()
    {
        const int Ending = 32;
        for (int served = 0; served < Math.Min(2 * _live, 32_000); served += Ending)
        {
            TopUp(0);
            Step(Ending);
        }
    }

    private sealed class Sequence
    {
        public int Left { get; set; }
    }

    private sealed class CapturingPolicy(ISchedulingPolicy inner) : ISchedulingPolicy
    {
        public Candidate[] Candidates { get; private set; } = [];

        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            inner.Prioritize(snapshot, keys);
            Candidates = new Candidate[keys.Length];
            for (int i = 0; i < keys.Length; i++)
                Candidates[i] = new Candidate(keys[i], snapshot.Requests[i].Id.Sequence, i);
        }
    }
}
