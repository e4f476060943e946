namespace LlmScheduling.Simulation;

/// <summary>
/// Plans the queue with <see cref="PublishedAnnealer"/> on the timeline of the paper: its oldest 512 requests, in batches of at most 8 one after
/// another, from now on.
/// </summary>
/// <remarks>
/// For comparison only. The temperature is scaled to the objective, without which the search is a random walk. Latencies are those of
/// <see cref="SchedulingSnapshot.Work"/>; an unknown length counts as one token. One call at a time.
/// </remarks>
public sealed class PublishedQueueAnnealer : IQueueAnnealer
{
    private const int MaxBatch = 8, MostRequests = 512;

    /// <summary>A limit that has passed: the published form has no other way to say so.</summary>
    private const double Passed = 1e-6;

    private readonly PublishedAnnealer _annealer = new(scaledTemperature: true);
    private readonly AnnealingSchedule _schedule = new();
    private AnnealingJob[] _jobs = [];
    private (long Id, int Index)[] _waiting = [];

    /// <inheritdoc/>
    public void Plan(in SchedulingSnapshot snapshot, Span<int> positions, CancellationToken cancellationToken = default)
    {
        WorkModel work = snapshot.Work;
        Span<(long Id, int Index)> oldest = Oldest(snapshot);
        if (oldest.IsEmpty || work == default)
            return;
        if (_jobs.Length < oldest.Length)
            _jobs = new AnnealingJob[MostRequests];
        for (int i = 0; i < oldest.Length; i++)
            _jobs[i] = Job(snapshot, snapshot.Requests[oldest[i].Index]);
        double step = 1_000 * work.Step, prefill = 1_000 * work.PrefillToken;
        ValueTask search = _annealer.AnnealAsync(
            new AnnealingProblem
            {
                Jobs = _jobs.AsMemory(0, oldest.Length),
                Prefill = new LatencyCoefficients(prefill, 0, 0, step),
                Decode = new LatencyCoefficients(1_000 * work.ContextToken, 1_000 * work.DecodeSequence, 0, step),
                MaxBatch = MaxBatch,
                Seed = snapshot.Seed,
            },
            _schedule,
            cancellationToken);
        search.AsTask().GetAwaiter().GetResult();
        ReadOnlySpan<int> order = _schedule.Order;
        for (int place = 0; place < order.Length; place++)
            positions[oldest[order[place]].Index] = place;
    }

    private static AnnealingJob Job(in SchedulingSnapshot snapshot, in RequestView request)
    {
        double median = request.Length.IsKnown ? Math.Round(Math.Min(request.Length.Median, request.MaxOutputTokens)) : 1;
        return new AnnealingJob(Math.Max(1, request.TokensToCompute), (int)Math.Max(1, median - request.GeneratedTokens))
        {
            EndToEndMilliseconds = Until(request.Deadline, snapshot.Now),
            FirstTokenMilliseconds = Until(request.GeneratedTokens == 0 ? request.FirstTokenDue : TimeSpan.MaxValue, snapshot.Now),
            TokenMilliseconds = request.TokenInterval == TimeSpan.MaxValue ? double.PositiveInfinity : Math.Max(Passed, request.TokenInterval.TotalMilliseconds),
        };
    }

    private static double Until(TimeSpan due, TimeSpan now) =>
        due == TimeSpan.MaxValue ? double.PositiveInfinity : Math.Max(Passed, (due - now).TotalMilliseconds);

    private Span<(long Id, int Index)> Oldest(in SchedulingSnapshot snapshot)
    {
        if (_waiting.Length < snapshot.Requests.Length)
            _waiting = new (long, int)[2 * snapshot.Requests.Length];
        int count = 0;
        for (int i = 0; i < snapshot.Requests.Length; i++)
        {
            if (snapshot.Requests[i].Phase != RequestPhase.Running)
                _waiting[count++] = (snapshot.Requests[i].Id.Sequence, i);
        }

        Span<(long Id, int Index)> waiting = _waiting.AsSpan(0, count);
        waiting.Sort();
        return waiting[..Math.Min(count, MostRequests)];
    }
}
