namespace LlmScheduling;

/// <summary>Which batches run, in order; the arrays are reused when they are large enough. Not thread-safe.</summary>
public sealed class AnnealingSchedule
{
    private int[] _order = [];
    private int[] _sizes = [];

    /// <summary>Job indices, batch after batch.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, JobCount);

    /// <summary>How many jobs of <see cref="Order"/> each batch takes.</summary>
    public ReadOnlySpan<int> BatchSizes => _sizes.AsSpan(0, BatchCount);

    /// <summary>How many jobs were placed: all of the problem.</summary>
    public int JobCount { get; private set; }

    /// <summary>How many batches.</summary>
    public int BatchCount { get; private set; }

    /// <summary>Requests that keep every limit, counted in double precision; with sampled lengths <see cref="ExpectedMet"/>, rounded.</summary>
    public int Met { get; private set; }

    /// <summary>Requests that keep every limit; with <see cref="AnnealingProblem.SampledOutputTokens"/> the mean over the scenarios.</summary>
    public double ExpectedMet { get; private set; }

    /// <summary>The sum of all end-to-end latencies, in double precision; with sampled lengths the mean over the scenarios.</summary>
    public double TotalLatencyMilliseconds { get; private set; }

    /// <summary>The objective G: requests that are met per second of latency; 0 for no jobs. With sampled lengths the mean of G over the scenarios, which is not <see cref="ExpectedMet"/> per mean latency.</summary>
    public double MetPerSecond { get; private set; }

    /// <summary>Whether no schedule has a larger G; the search counts time in whole ticks of a nanosecond (coarser for problems longer than a day).</summary>
    public bool IsCertifiedOptimal { get; internal set; }

    /// <summary>Schedules that were evaluated, the seeds among them.</summary>
    public long Evaluations { get; internal set; }

    /// <summary>Takes a schedule over and evaluates it.</summary>
    internal void Set(AnnealingProblem problem, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        if (_order.Length < order.Length)
            (_order, _sizes) = (new int[order.Length], new int[order.Length]);
        order.CopyTo(_order);
        sizes.CopyTo(_sizes);
        (JobCount, BatchCount) = (order.Length, sizes.Length);
        (ExpectedMet, TotalLatencyMilliseconds, MetPerSecond) = ScheduleValue.Of(problem, order, sizes);
        Met = (int)Math.Round(ExpectedMet);
        (IsCertifiedOptimal, Evaluations) = (false, 0);
    }
}
