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

    /// <summary>The keys that the policy gives now, in the order of the table.</summary>
    public PriorityKey[] Keys()
    {
        SchedulingStack stack = _scheduler.Stack;
        var capture = new CapturingPolicy(stack.Policy);
        _scheduler.Stack = stack with { Policy = capture };
        Step(ending: 0);
        _scheduler.Stack = stack;
        return capture.Keys;
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
    public void Step(int ending)
    {
        BatchPlan plan = _scheduler.PlanStep();
        ReadOnlySpan<PlannedWork> work = plan.Work;
        for (int i = 0; i < work.Length; i++)
        {
            var sequence = (Sequence)work[i].Request.State!;
            bool isDecode = sequence.Left == 0;
            sequence.Left = Math.Max(0, sequence.Left - work[i].Tokens);
            bool ends = isDecode && ending-- > 0;
            _requests -= ends ? 1 : 0;
            _progress[i] = new RequestProgress(work[i].Id, work[i].Tokens, sequence.Left == 0 ? 1 : 0, ends ? FinishReason.Stop : FinishReason.None);
        }

        _scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.FromMilliseconds(25), Progress = _progress.AsSpan(0, work.Length) });
    }

    public void Dispose() => _scheduler.Dispose();

    /// <summary>Serves as many requests as the queue holds, so that its order in memory is that of a server that has run for a while, and the code is compiled for speed.</summary>
    private void TurnOver()
    {
        const int Ending = 32;
        for (int served = 0; served < Math.Max(_live, 16_000); served += Ending)
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
        public PriorityKey[] Keys { get; private set; } = [];

        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            inner.Prioritize(snapshot, keys);
            Keys = keys.ToArray();
        }
    }
}
