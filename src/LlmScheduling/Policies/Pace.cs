namespace LlmScheduling;

/// <summary>What a request that has its first token can still keep of its promise.</summary>
internal static class Pace
{
    /// <summary>
    /// Whether its promise is certainly broken: the first token was late, the deadline has passed, or even with the likely
    /// longest answer and nobody else in its steps, of <paramref name="aloneTicks"/> each, it could not make up for lost time.
    /// </summary>
    public static bool IsLost(in RequestView request, TimeSpan now, double aloneTicks)
    {
        if (request.FirstTokenAt > request.FirstTokenDue || request.Deadline <= now)
            return true;
        if (request.TokenInterval == TimeSpan.MaxValue)
            return false;
        double longest = request.Length is { IsKnown: true } length ? Math.Min(length.Quantile(LikelyLengths.Longest), request.MaxOutputTokens) : request.MaxOutputTokens;
        double left = Math.Max(1, longest - request.GeneratedTokens);
        return Ticks(now) - Ticks(request.FirstTokenAt) + left * aloneTicks > (request.GeneratedTokens + left - 1) * request.TokenInterval.Ticks;
    }

    /// <summary>Seconds by which it is ahead of its promise, if a token takes <paramref name="token"/> seconds; infinite when nothing is promised.</summary>
    public static double Ahead(in RequestView request, TimeSpan now, double token)
    {
        double ofPace = request.TokenInterval == TimeSpan.MaxValue
            ? double.PositiveInfinity
            : (Ticks(request.FirstTokenAt) - Ticks(now) + request.GeneratedTokens * (double)request.TokenInterval.Ticks) / TimeSpan.TicksPerSecond - token;
        double ofDeadline = request.Deadline == TimeSpan.MaxValue
            ? double.PositiveInfinity
            : (Ticks(request.Deadline) - Ticks(now)) / TimeSpan.TicksPerSecond - 1.1 * Left(request) * token;
        return Math.Min(ofPace, ofDeadline);
    }

    /// <summary>Tokens that are left of its answer by its median; by its limit while nothing is known; at least one.</summary>
    public static double Left(in RequestView request) =>
        Math.Max(1, (request.Length.IsKnown ? Math.Min(request.Length.Median, request.MaxOutputTokens) : request.MaxOutputTokens) - (double)request.GeneratedTokens);

    private static double Ticks(TimeSpan time) => time.Ticks;
}
