namespace LlmScheduling;

/// <summary>What can be expected of a request that has no seat yet, or whose prompt is not computed yet.</summary>
/// <param name="Work">Mean over its likely lengths of the server-seconds that are left.</param>
/// <param name="Chance">Share of its likely lengths with which it keeps its promise; 0: hopeless.</param>
/// <param name="Slack">Share of its limit that it has to spare, on average over those lengths; infinite when nothing is promised.</param>
internal readonly record struct Outlook(double Work, double Chance, double Slack)
{
    private static readonly double[] Median = [1];

    public bool IsHopeless => Chance == 0;

    public bool IsPromisedNothing => double.IsPositiveInfinity(Slack);

    /// <param name="snapshot">The step.</param>
    /// <param name="seat">Times beside those that run.</param>
    /// <param name="request">Whose.</param>
    /// <param name="spreads">Likely lengths by spread.</param>
    /// <param name="isMedianCertain">Whether the predicted median is taken for certain.</param>
    public static Outlook Of(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request, ref SpreadTable spreads, bool isMedianCertain)
    {
        double toCompute = Math.Max(0, request.TokensToCompute), first = seat.FirstToken(toCompute);
        double median = request.Length.IsKnown ? Math.Min(request.Length.Median, int.MaxValue) : 0;
        double least = Math.Max(0, request.GeneratedTokens), most = Math.Max(least, request.MaxOutputTokens);
        ReadOnlySpan<double> factors = isMedianCertain || !request.Length.IsKnown || !(request.Length.LogSpread > 0) ? Median : spreads.Of(request.Length.LogSpread);

        bool keepsPace = request.TokenInterval == TimeSpan.MaxValue || request.TokenInterval.TotalSeconds >= seat.TokenAlone(request.PromptTokens);
        double firstShare = request.NextTokenDue is var nextDue && nextDue == TimeSpan.MaxValue
            ? double.PositiveInfinity
            : (Seconds(nextDue, snapshot.Now) - first) / Limit(nextDue, request.ArrivedAt);
        bool isDue = request.Deadline != TimeSpan.MaxValue;
        double perLimit = isDue ? 1 / Limit(request.Deadline, request.ArrivedAt) : 0;
        double endShare = isDue ? (Seconds(request.Deadline, snapshot.Now) - first) * perLimit : double.PositiveInfinity, tokenShare = seat.Token * perLimit;

        double tokens = 0, squares = 0, slack = 0;
        int kept = 0;
        foreach (double factor in factors)
        {
            // None of these is NaN, and the exact rules for NaN take most of the time of Math.Min.
            double left = double.MinNative(double.MaxNative(median * factor, least), most) - least;
            tokens += left;
            squares += left * left;
            double share = double.MinNative(firstShare, endShare - double.MaxNative(0, left - 1) * tokenShare);
            if (share >= 0)
            {
                kept++;
                slack += share;
            }
        }

        if (!keepsPace)
            kept = 0;
        double mean = tokens / factors.Length;
        // Work grows with the square of the length, so the work of the mean length is less than the mean of the work.
        double bend = snapshot.Work.ContextToken / 2 * Math.Max(0, squares / factors.Length - mean * mean);
        double work = snapshot.Work.Seconds(toCompute, mean, snapshot.Limits) + bend;
        return new Outlook(work, (double)kept / factors.Length, kept == 0 ? 0 : slack / kept);
    }

    /// <summary>Seconds within which its prompt must be computed, if the promise is to be kept at its median length; infinite when nothing is promised.</summary>
    public static double PromptDue(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request)
    {
        double first = request.NextTokenDue == TimeSpan.MaxValue ? double.PositiveInfinity : Seconds(request.NextTokenDue, snapshot.Now);
        double rest = request.Length.IsKnown ? Pace.Left(request) - 1 : 0;
        return request.Deadline == TimeSpan.MaxValue ? first : Math.Min(first, Seconds(request.Deadline, snapshot.Now) - rest * seat.Token);
    }

    // By way of ticks, where differences of times are exact: nothing depends on when the scheduler was started.
    private static double Seconds(TimeSpan due, TimeSpan now) => ((double)due.Ticks - now.Ticks) / TimeSpan.TicksPerSecond;

    private static double Limit(TimeSpan due, TimeSpan arrived) => Math.Max(1.0, (double)due.Ticks - arrived.Ticks) / TimeSpan.TicksPerSecond;
}
