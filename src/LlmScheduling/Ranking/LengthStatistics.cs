namespace LlmScheduling;

/// <summary>
/// Keeps the output lengths of completed requests by traffic class: mean and spread of their logarithms, the prediction for
/// requests that nobody has predicted yet. Bounded: of <see cref="MaxClasses"/> classes the one that came longest ago among
/// those without live requests leaves first, and where there is none, classes share one account. Not thread-safe.
/// </summary>
internal sealed class LengthStatistics
{
    public const int MaxClasses = 256;

    private readonly Dictionary<string, int> _indexByName = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<Moments> _classes = [];
    private readonly int[] _live = new int[MaxClasses];
    private readonly long[] _enteredAt = new long[MaxClasses];
    private long _entered;

    /// <summary>Classes that have live requests.</summary>
    public int Active => _live.Count(live => live > 0);

    /// <summary>Counts a live request in and returns its class's index, which stays valid until <see cref="Leave"/>.</summary>
    public int Enter(string trafficClass)
    {
        int index = IndexOf(trafficClass);
        _live[index]++;
        _enteredAt[index] = ++_entered;
        return index;
    }

    public void Leave(int classIndex) => _live[classIndex]--;

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

    private int IndexOf(string trafficClass)
    {
        if (_indexByName.TryGetValue(trafficClass, out int index))
            return index;
        index = _classes.Count;
        if (index < MaxClasses)
        {
            _names.Add(trafficClass);
            _classes.Add(default);
        }
        else
        {
            index = LongestIdle();
            if (index < 0)
                return 0;
            _indexByName.Remove(_names[index]);
            _names[index] = trafficClass;
            _classes[index] = default;
        }

        _indexByName.Add(trafficClass, index);
        return index;
    }

    private int LongestIdle()
    {
        int idle = -1;
        for (int i = 0; i < MaxClasses; i++)
        {
            if (_live[i] == 0 && (idle < 0 || _enteredAt[i] < _enteredAt[idle]))
                idle = i;
        }

        return idle;
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
