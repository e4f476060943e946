using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>Requests in order of arrival, then of their row: what a replay serves. Immutable.</summary>
public sealed class Workload
{
    /// <summary>Sorts <paramref name="requests"/> by arrival; equal arrivals keep their order.</summary>
    public Workload(string name, IEnumerable<TraceRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        Name = name;
        Requests = [.. requests.OrderBy(request => request.ArrivedAt)];
    }

    /// <summary>Where it comes from, in reports.</summary>
    public string Name { get; }

    /// <summary>The requests, by arrival.</summary>
    public IReadOnlyList<TraceRequest> Requests { get; }

    /// <summary>Merges traces by arrival; requests that arrive at once keep the order of the sources, then of their rows.</summary>
    /// <remarks>
    /// Where two sources share an id, every id of the workload is prefixed with its source and a slash: with the class when each
    /// source has its own (<c>chat/17</c>), else with the source's number from 1 (<c>2/17</c>).
    /// </remarks>
    /// <param name="sources">One or more.</param>
    /// <param name="openStandardInput">Opens what <c>-</c> stands for; null: the console's.</param>
    /// <exception cref="InputException">A source cannot be read or breaks a rule; the message names file, line and column.</exception>
    public static Workload FromTraces(IReadOnlyList<TraceSource> sources, Func<Stream>? openStandardInput = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count);
        if (sources.Count(source => source.Path == InputFile.StandardInput) > 1)
            throw new InputException("--trace", null, null, "standard input twice", "it once");
        List<TraceRequest>[] read = [.. sources.Select(source => TraceFile.Read(source, openStandardInput))];
        IEnumerable<TraceRequest> merged = read.SelectMany(requests => requests);
        if (HaveDistinctIds(merged))
            return new(NameOf(sources), merged);
        bool classesTell = sources.All(source => source.TrafficClass is { } name && !name.Contains('/'))
            && sources.DistinctBy(source => source.TrafficClass).Count() == sources.Count;
        return new(NameOf(sources), read.SelectMany((requests, index) =>
        {
            string prefix = classesTell ? sources[index].TrafficClass! : (index + 1).ToString(CultureInfo.InvariantCulture);
            return requests.Select(request => request with { Id = $"{prefix}/{request.Id}" });
        }));
    }

    /// <summary>Generates requests as <paramref name="text"/> asks: <c>burst:N</c>, <c>poisson:RATE:N</c> or <c>bursty:RATE:CV:N</c>.</summary>
    /// <remarks>
    /// Arrivals: all at once; a Poisson process of RATE requests/s; or independent gaps with a Gamma distribution, mean 1 / RATE and
    /// coefficient of variation CV (1 is Poisson, more is burstier). Two classes, each request drawn by itself: <c>chat</c> (two of
    /// three) with log-normal lengths around 700 prompt and 180 output tokens, and <c>code</c> around 1,600 and 18, both with long tails.
    /// Equal text and seed give equal requests on every platform.
    /// </remarks>
    /// <exception cref="InputException">The text is none of these, or a number is out of range.</exception>
    public static Workload Generate(string text, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, GeneratedRequests.From(ArrivalPattern.Parse(text), seed));
    }

    /// <summary>The first <paramref name="count"/> requests.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public Workload Limit(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count >= Requests.Count ? this : new(Name, Requests.Take(count));
    }

    private static bool HaveDistinctIds(IEnumerable<TraceRequest> requests)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return requests.All(request => seen.Add(request.Id));
    }

    private static string NameOf(IEnumerable<TraceSource> sources) => string.Join(" + ", sources.Select(source => source.Name));
}
