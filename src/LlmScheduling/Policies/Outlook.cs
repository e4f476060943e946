using System.Numerics;
using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>What can be expected of a request that has no seat yet, or whose prompt is not computed yet.</summary>
/// <param name="Work">Mean over its likely lengths of the server-seconds that are left.</param>
/// <param name="Chance">Share of its likely lengths with which it keeps its promise; 0: hopeless.</param>
/// <param name="Slack">Share of its limit that it has to spare, on average over those lengths; infinite when nothing is promised.</param>
internal readonly record struct Outlook(double Work, double Chance, double Slack)
{
    public bool IsHopeless => Chance == 0;

    public bool IsPromisedNothing => double.IsPositiveInfinity(Slack);

    /// <param name="snapshot">The step.</param>
    /// <param name="seat">Times beside those that run.</param>
    /// <param name="request">Whose.</param>
    /// <param name="likely">Likely lengths by spread.</param>
    /// <param name="isMedianCertain">Whether the predicted median is taken for certain.</param>
    public static Outlook Of(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request, ref LikelyLengths likely, bool isMedianCertain)
    {
        double toCompute = Math.Max(0, request.TokensToCompute), first = seat.FirstToken(toCompute);
        double median = request.Length.IsKnown ? Math.Min(request.Length.Median, int.MaxValue) : 0;
        double least = Math.Max(0, request.GeneratedTokens), most = Math.Max(least, request.MaxOutputTokens);

        bool keepsPace = request.TokenInterval == TimeSpan.MaxValue || request.TokenInterval.TotalSeconds >= seat.TokenAlone(request.PromptTokens);
        double firstTicks = first * TimeSpan.TicksPerSecond;
        double firstShare = request.NextTokenDue == TimeSpan.MaxValue
            ? double.PositiveInfinity
            : (Ticks(request.NextTokenDue, snapshot.Now) - firstTicks) / Math.Max(1.0, Ticks(request.NextTokenDue, request.ArrivedAt));
        bool isDue = request.Deadline != TimeSpan.MaxValue;
        double perLimit = isDue ? 1 / Math.Max(1.0, Ticks(request.Deadline, request.ArrivedAt)) : 0;
        double endShare = isDue ? (Ticks(request.Deadline, snapshot.Now) - firstTicks) * perLimit : double.PositiveInfinity, tokenShare = seat.Token * TimeSpan.TicksPerSecond * perLimit;

        // None of these is NaN, and the exact rules for NaN take most of the time of Math.Min.
        double atMedian = double.MinNative(double.MaxNative(median, least), most) - least;
        double share = double.MinNative(firstShare, endShare - double.MaxNative(0, atMedian - 1) * tokenShare);
        double tokens = atMedian, squares = atMedian * atMedian, slack = share >= 0 ? share : 0;
        int kept = share >= 0 ? 1 : 0, lengths = 1;
        if (!isMedianCertain && request.Length.IsKnown && request.Length.LogSpread > 0)
        {
            Vector256<double> factors = likely.Above(request.Length.LogSpread);
            Vector256<double> above = Left(median * factors, least, most), below = Left(Vector256.Create(median) / factors, least, most);
            Vector256<double> shareAbove = Share(above, firstShare, endShare, tokenShare), shareBelow = Share(below, firstShare, endShare, tokenShare);
            Vector256<double> keptAbove = Vector256.GreaterThanOrEqual(shareAbove, Vector256<double>.Zero), keptBelow = Vector256.GreaterThanOrEqual(shareBelow, Vector256<double>.Zero);
            tokens += Vector256.Sum(above + below);
            squares += Vector256.Sum(above * above + below * below);
            slack += Vector256.Sum((shareAbove & keptAbove) + (shareBelow & keptBelow));
            kept += BitOperations.PopCount(keptAbove.ExtractMostSignificantBits()) + BitOperations.PopCount(keptBelow.ExtractMostSignificantBits());
            lengths = LikelyLengths.Count;
        }

        if (!keepsPace)
            kept = 0;
        double mean = tokens / lengths;
        // Work grows with the square of the length, so the work of the mean length is less than the mean of the work.
        double bend = snapshot.Work.ContextToken / 2 * Math.Max(0, squares / lengths - mean * mean);
        double work = snapshot.Work.Seconds(toCompute, mean, snapshot.Limits) + bend;
        return new Outlook(work, (double)kept / lengths, kept == 0 ? 0 : slack / kept);
    }

    private static Vector256<double> Left(Vector256<double> output, double least, double most) =>
        Vector256.MinNative(Vector256.MaxNative(output, Vector256.Create(least)), Vector256.Create(most)) - Vector256.Create(least);

    private static Vector256<double> Share(Vector256<double> left, double firstShare, double endShare, double tokenShare) =>
        Vector256.MinNative(Vector256.Create(firstShare), Vector256.Create(endShare) - Vector256.MaxNative(Vector256<double>.Zero, left - Vector256<double>.One) * tokenShare);

    /// <summary>Seconds within which its prompt must be computed, if the promise is to be kept at its median length; infinite when nothing is promised.</summary>
    public static double PromptDue(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request)
    {
        double first = request.NextTokenDue == TimeSpan.MaxValue ? double.PositiveInfinity : Ticks(request.NextTokenDue, snapshot.Now) / TimeSpan.TicksPerSecond;
        double rest = request.Length.IsKnown ? Pace.Left(request) - 1 : 0;
        return request.Deadline == TimeSpan.MaxValue ? first : Math.Min(first, Ticks(request.Deadline, snapshot.Now) / TimeSpan.TicksPerSecond - rest * seat.Token);
    }

    // In ticks, where differences of times are exact: nothing depends on when the scheduler was started.
    private static double Ticks(TimeSpan to, TimeSpan from) => (double)to.Ticks - from.Ticks;
}
