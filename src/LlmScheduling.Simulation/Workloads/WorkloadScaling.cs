using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>Speeds a workload's arrivals up or down; the shape of its bursts stays.</summary>
public static class WorkloadScaling
{
    /// <summary>Multiplies every arrival time by one factor so that requests arrive at <paramref name="requestsPerSecond"/> on average: (requests - 1) / (last arrival - first).</summary>
    /// <remarks>Arrivals are rounded to whole microseconds; those that were in order stay in order.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not finite and above 0.</exception>
    /// <exception cref="InputException">All requests arrive at once, so that no factor helps, or an arrival would be later than 10^16 µs.</exception>
    public static Workload AtRate(Workload workload, double requestsPerSecond)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (!(requestsPerSecond > 0 && double.IsFinite(requestsPerSecond)))
            throw new ArgumentOutOfRangeException(nameof(requestsPerSecond), requestsPerSecond, "A rate is finite and above 0.");
        IReadOnlyList<TraceRequest> requests = workload.Requests;
        double span = requests.Count < 2 ? 0 : (requests[^1].ArrivedAt - requests[0].ArrivedAt).TotalSeconds;
        if (span == 0)
            throw new InputException(workload.Name, null, null, "requests that all arrive at once", "arrivals that differ, where a rate or a load is asked for");
        double factor = (requests.Count - 1) / (span * requestsPerSecond);
        double last = Microseconds(requests[^1].ArrivedAt) * factor;
        if (!(last <= TraceFile.MaxMicroseconds))
            throw new InputException(workload.Name, null, null, string.Create(CultureInfo.InvariantCulture, $"a last arrival at {last:g3} µs at {requestsPerSecond:g6} requests/s"), $"at most {TraceFile.MaxMicroseconds} µs");
        return new(workload.Name, requests.Select(request => request with
        {
            ArrivedAt = TimeSpan.FromTicks((long)Math.Round(Microseconds(request.ArrivedAt) * factor) * TimeSpan.TicksPerMicrosecond),
        }));
    }

    /// <summary>Scales arrivals so that their mean rate is <paramref name="load"/> times <see cref="SaturatedRate"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The load is not finite and above 0.</exception>
    /// <exception cref="InputException">As <see cref="AtRate"/> and <see cref="SaturatedRate"/>.</exception>
    public static Workload AtLoad(Workload workload, EngineSettings engine, double load, ulong seed = 1)
    {
        if (!(load > 0 && double.IsFinite(load)))
            throw new ArgumentOutOfRangeException(nameof(load), load, "A load is finite and above 0.");
        return AtRate(workload, load * SaturatedRate(workload, engine, seed));
    }

    /// <summary>Requests per second that the engine completes when it never lacks work: all at t = 0, shuffled by the seed, first come first served, counted between 10 % and 80 % of the completions.</summary>
    /// <remarks>
    /// Deadlines and the bound of the queue are left out, and output lengths are known: it is a property of engine and
    /// requests alone. With n completions in order of time c[1..n] and c[0] = 0 it is (b - a) / (c[b] - c[a]), a = n / 10 and b = 8n / 10
    /// rounded down; where nothing lies between them, n / c[n].
    /// </remarks>
    /// <exception cref="InputException">No request can be served by this engine.</exception>
    public static double SaturatedRate(Workload workload, EngineSettings engine, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(engine);
        TraceRequest[] shuffled = [.. workload.Requests.Select(request => request with { ArrivedAt = TimeSpan.Zero, Deadline = null })];
        new SeededRandom(seed).Shuffle(shuffled.AsSpan());
        EngineSettings unbounded = engine with
        {
            MaxQueuedRequests = null,
            ExpireAtDeadline = false,
        };
        var options = new ReplayOptions { Seed = seed, MostWaiting = engine.DataParallelRanks == 1 ? WaitingThatMatter(engine) : null };
        ReplayResult result = Replay.Run(new Workload(workload.Name, shuffled), unbounded, new SchedulingStack("fcfs", new FirstComeFirstServed()), options);
        double[] completions = [.. result.Records.Where(record => record.IsCompleted).Select(record => record.EndedAt.TotalSeconds).Order()];
        if (completions.Length == 0)
            throw new InputException(workload.Name, null, null, "no request that this engine can ever serve", "at least one, where a load is asked for");
        return RateBetween(completions);
    }

    /// <summary>
    /// First come first served never looks further down the queue between two arrivals: two plans (one of them ahead), each with a
    /// request per seat and those it may pass. Several ranks share arrivals out by their queues, so there the whole queue matters.
    /// </summary>
    internal static long WaitingThatMatter(EngineSettings engine) => 2L * ((long)engine.MaxSequences + engine.LookAheadRequests + 1);

    /// <param name="completions">Times in seconds, in order, above 0.</param>
    internal static double RateBetween(ReadOnlySpan<double> completions)
    {
        int from = completions.Length / 10, to = (int)(completions.Length * 8L / 10);
        double start = from == 0 ? 0 : completions[from - 1], end = to == 0 ? 0 : completions[to - 1];
        return end > start ? (to - from) / (end - start) : completions.Length / completions[^1];
    }

    private static double Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
