namespace LlmScheduling.SoakTests;

/// <summary>One of many server threads: enqueues, cancels, corrects, asks, swaps stacks, and counts how its requests end.</summary>
internal sealed class SoakProducer(BatchScheduler scheduler, SchedulingStack[] stacks, int seed, int requests, Func<int> engineThread)
{
    private const int Outstanding = 12;

    private readonly Random _random = new(seed);
    private readonly Queue<RequestTicket> _mine = new();
    private readonly int[] _outcomes = new int[Enum.GetValues<RequestOutcome>().Length];
    private int _onEngineThread;

    public IReadOnlyList<int> Outcomes => _outcomes;

    /// <summary>Continuations that ran on the engine's thread; none should.</summary>
    public int OnEngineThread => Volatile.Read(ref _onEngineThread);

    /// <summary>Some of the requests, without keeping them alive.</summary>
    public List<WeakReference> Sample { get; } = [];

    public Exception? Failure { get; private set; }

    public Thread Start()
    {
        var thread = new Thread(Run) { Name = "producer" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        try
        {
            for (int i = 0; i < requests; i++)
            {
                _mine.Enqueue(Enqueue(keepSample: i % 50 == 0));
                Disturb();
                while (_mine.Count >= Outstanding)
                    _mine.Dequeue().Outcome.Wait();
            }

            while (_mine.TryDequeue(out RequestTicket? ticket))
                ticket.Outcome.Wait();
        }
        catch (Exception failure)
        {
            Failure = failure;
        }
    }

    private RequestTicket Enqueue(bool keepSample)
    {
        int prompt = _random.Next(1, 60), output = _random.Next(0, 10);
        var request = new InferenceRequest
        {
            PromptTokens = prompt,
            MaxOutputTokens = output,
            Prompt = _random.Next(3) == 0 ? new string('p', prompt).AsMemory() : default,
            Priority = _random.Next(5),
            Tenant = $"tenant {_random.Next(300)}",
            TrafficClass = $"class {_random.Next(400)}",
            CachedPrefixTokens = _random.Next(10) == 0 ? prompt / 2 : 0,
            QueueTimeout = _random.Next(8) switch { 0 => TimeSpan.FromMilliseconds(_random.Next(5)), 1 => TimeSpan.FromMinutes(10), _ => null },
            State = new SoakSequence(prompt, output),
        };
        if (keepSample)
            Sample.Add(new WeakReference(request));
        RequestTicket ticket = scheduler.Enqueue(request);
        bool wasRefusedAtOnce = ticket.Outcome.IsCompleted;
        ticket.Outcome.ContinueWith(
            outcome =>
            {
                Interlocked.Increment(ref _outcomes[(int)outcome.Result]);
                if (!wasRefusedAtOnce && Environment.CurrentManagedThreadId == engineThread())
                    Interlocked.Increment(ref _onEngineThread);
            },
            TaskContinuationOptions.ExecuteSynchronously);
        return ticket;
    }

    private void Disturb()
    {
        RequestTicket one = _mine.ElementAt(_random.Next(_mine.Count));
        switch (_random.Next(40))
        {
            case < 4:
                scheduler.Cancel(one.Id);
                break;
            case 4:
                scheduler.ReportCachedPrefix(one.Id, _random.Next(60));
                break;
            case 5:
                _ = scheduler.EstimateWait();
                _ = scheduler.TryGetQueuePosition(one.Id, out _);
                break;
            case 6 when _random.Next(20) == 0:
                scheduler.Stack = stacks[_random.Next(stacks.Length)];
                break;
        }
    }
}
