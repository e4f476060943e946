namespace LlmScheduling;

/// <summary>
/// A request's place in the order; smaller goes first: by tier, then band, then score, and at last by <see cref="RequestId"/>.
/// </summary>
/// <remarks>
/// Scores are ordinal; NaN is a fault. Of a running request's key only two things are read: whether it is held, and its band:
/// a waiting request takes its seat only by a strictly smaller band. Tiers and scores order, they never preempt (the open
/// prefills of <see cref="PrefillOrder.ByKey"/> are the exception: they are compared with waiting requests by tier and score).
/// A policy that is not about preemption gives running requests <see cref="KeepsSeat"/>. A request in a tier below 0 is never
/// passed by look-ahead.
/// </remarks>
/// <param name="Tier">Read first. 0 is ordinary; guards promote by smaller tiers.</param>
/// <param name="Band">Read second. Decides seats: a waiting request may take the seat of a running one in a strictly larger band.</param>
/// <param name="Score">Read third.</param>
public readonly record struct PriorityKey(int Tier, int Band, double Score) : IComparable<PriorityKey>
{
    /// <summary>Creates a key in tier 0.</summary>
    public PriorityKey(int band, double score) : this(0, band, score)
    {
    }

    /// <summary>The key of a running request whose seat nobody takes.</summary>
    public static PriorityKey KeepsSeat => new(0, int.MinValue, 0);

    /// <summary>Not in this step. A running request keeps its seat and its KV blocks.</summary>
    public static PriorityKey Hold => new(int.MaxValue, 0, 0);

    /// <summary>Ends a never-admitted request as <see cref="RequestOutcome.Unattainable"/>; for any other request the same as <see cref="Hold"/>.</summary>
    public static PriorityKey Refuse => new(int.MaxValue, 1, 0);

    /// <summary>After all others, and only with capacity beyond the reserve.</summary>
    public static PriorityKey Spare(double score) => new(int.MaxValue - 1, 0, score);

    /// <summary>Whether the request is left out of this step; true for <see cref="Hold"/> and <see cref="Refuse"/>.</summary>
    public bool IsHeld => Tier == int.MaxValue;

    /// <summary>Whether this is <see cref="Refuse"/>.</summary>
    public bool IsRefused => Tier == int.MaxValue && Band == 1;

    /// <summary>Whether the request may only use capacity beyond the reserve.</summary>
    public bool IsSpare => Tier == int.MaxValue - 1;

    /// <summary>Compares by tier, band and score.</summary>
    public int CompareTo(PriorityKey other) =>
        Tier != other.Tier ? Tier.CompareTo(other.Tier)
        : Band != other.Band ? Band.CompareTo(other.Band)
        : Score.CompareTo(other.Score);
}
