namespace LlmScheduling;

/// <summary>
/// Keeps the output lengths of completed requests by traffic class: mean and spread of their logarithms, the prediction for
/// requests that nobody has predicted yet. Bounded: beyond <see cref="MaxClasses"/> classes share one account. Not thread-safe.
/// </summary>
internal sealed class LengthStatistics
{
    public const int MaxClasses = 256;

    private readonly Dictionary<string, int> _indexByName = new(StringComparer.Ordinal);
    private readonly List<Moments> _classes = [];

    public int IndexOf(string trafficClass)
    {
        if (_indexByName.TryGetValue(trafficClass, out int index))
            return index;
        if (_classes.Count == MaxClasses)
            return 0;
        index = _classes.Count;
        _indexByName.Add(trafficClass, index);
        _classes.Add(default);
        return index;
    }

    /// <summary>The class's figures; unknown before its first completion.</summary>
    public LengthEstimate EstimateFor(int classIndex) => _classes[classIndex].Estimate;

    /// <summary>Counts a completion in; returns whether the class's figures moved enough (2 %) to be handed out anew.</summary>
    public bool Observe(int classIndex, int outputTokens)
    {
        Moments moments = _classes[classIndex].Add(Math.Log(Math.Max(1, outputTokens)));
        LengthEstimate before = moments.Published, after = moments.Estimate;
        bool moved = !before.IsKnown
            || Math.Abs(after.Median - before.Median) > 0.02f * before.Median
            || Math.Abs(after.LogSpread - before.LogSpread) > 0.02f;
        _classes[classIndex] = moved ? moments with { Published = after } : moments;
        return moved;
    }

    private readonly record struct Moments(long Count, double Mean, double SquaredDeviations, LengthEstimate Published)
    {
        public LengthEstimate Estimate =>
            Count == 0 ? default : new((float)Math.Exp(Mean), Count < 2 ? 0 : (float)Math.Sqrt(SquaredDeviations / (Count - 1)));

        // Welford's update.
        public Moments Add(double value)
        {
            long count = Count + 1;
            double delta = value - Mean, mean = Mean + delta / count;
            return this with { Count = count, Mean = mean, SquaredDeviations = SquaredDeviations + delta * (value - mean) };
        }
    }
}
