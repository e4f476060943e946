namespace LlmScheduling;

/// <summary>How a step's seats and tokens are given out. Immutable; swapped together with the policy. The default is the strict planner.</summary>
public sealed record TokenAllocation
{
    /// <summary>How many waiting requests that do not fit may be passed in one step; never one in a tier below 0. Default: 0.</summary>
    public int LookAheadRequests { get; init; }

    /// <summary>Who gets a step's prefill tokens. Default: <see cref="PrefillOrder.Admission"/>.</summary>
    public PrefillOrder PrefillOrder { get; init; }

    /// <summary>Most prefills in progress at once under <see cref="PrefillOrder.ByKey"/>; 1 or more. Default: 8.</summary>
    public int MaxOpenPrefills { get; init; } = 8;

    /// <summary>Prefill tokens are cut so that the predicted step stays within this share of the tightest TPOT among running requests that can still meet theirs; null: not cut. 0.9 is a good value.</summary>
    public double? PrefillShareOfTpot { get; init; }

    /// <summary>Nothing is admitted where the predicted decode step alone would exceed this share of the tightest TPOT; null: no limit. 0.85 is a good value.</summary>
    public double? DecodeShareOfTpot { get; init; }

    /// <summary>Prefill tokens that the decode step of these shares is taken to hold; 0 or more. Default: 0.</summary>
    public int DecodeSharePrefillTokens { get; init; }

    /// <summary>The same for <see cref="PriorityKey.Spare"/> keys; null: as <see cref="DecodeShareOfTpot"/>. 0.6 is a good value.</summary>
    public double? SpareShareOfTpot { get; init; }

    /// <summary>Share of the seats, 0 to 1, that <see cref="PriorityKey.Spare"/> keys may not use; unless it is 1 they may use at least one. Default: 0.</summary>
    public double ReservedSeatShare { get; init; }

    /// <summary>Above <see cref="BatchSchedulerOptions.MaxSequences"/>, so many requests may hold KV blocks: held decodes keep theirs and lend their seat. Null: as many as there are seats.</summary>
    public int? MaxResidentSequences { get; init; }

    internal void Validate()
    {
        Check(LookAheadRequests >= 0, nameof(LookAheadRequests), LookAheadRequests, "0 or more");
        Check(MaxOpenPrefills >= 1, nameof(MaxOpenPrefills), MaxOpenPrefills, "1 or more");
        Check(PrefillShareOfTpot is null or (> 0 and <= 1), nameof(PrefillShareOfTpot), PrefillShareOfTpot, "above 0 and at most 1");
        Check(DecodeShareOfTpot is null or (> 0 and <= 1), nameof(DecodeShareOfTpot), DecodeShareOfTpot, "above 0 and at most 1");
        Check(SpareShareOfTpot is null or (> 0 and <= 1), nameof(SpareShareOfTpot), SpareShareOfTpot, "above 0 and at most 1");
        Check(DecodeSharePrefillTokens >= 0, nameof(DecodeSharePrefillTokens), DecodeSharePrefillTokens, "0 or more");
        Check(ReservedSeatShare is >= 0 and <= 1, nameof(ReservedSeatShare), ReservedSeatShare, "0 to 1");
        Check(MaxResidentSequences is null or >= 1, nameof(MaxResidentSequences), MaxResidentSequences, "1 or more");
    }

    private static void Check(bool legal, string property, object? value, string range)
    {
        if (!legal)
            throw new ArgumentOutOfRangeException(property, value, $"TokenAllocation.{property} must be {range}.");
    }
}
