namespace LlmScheduling;

/// <summary>Puts policies together so that a stack reads as a sentence. The last decorator wins.</summary>
public static class PolicyComposition
{
    /// <summary>Tells equal keys of <paramref name="first"/> apart by <paramref name="second"/>; see <see cref="FirstThen"/>.</summary>
    public static FirstThen Then(this ISchedulingPolicy first, ISchedulingPolicy second) => new(first, second);

    /// <summary>Promotes by wait relative to expected work; see <see cref="RelativeAging"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is negative or NaN.</exception>
    public static RelativeAging WithRelativeAging(this ISchedulingPolicy inner, double factor = RelativeAging.DefaultFactor) => new(inner, factor);

    /// <summary>Gives every second admission to the oldest request that has waited longer than <paramref name="maxWait"/>; see <see cref="StarvationBound"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxWait"/> is negative.</exception>
    public static StarvationBound WithStarvationBound(this ISchedulingPolicy inner, TimeSpan maxWait) => new(inner, maxWait);

    /// <summary>Gives every second admission to the oldest request that has waited longer than the queue takes to drain; see <see cref="BacklogGuard"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is negative or NaN.</exception>
    public static BacklogGuard WithBacklogGuard(this ISchedulingPolicy inner, double factor = BacklogGuard.DefaultFactor) => new(inner, factor);

    /// <summary>Shares service between tenants by tokens and weights; see <see cref="TenantFairness"/>.</summary>
    public static TenantFairness WithTenantFairness(this ISchedulingPolicy inner) => new(inner);
}
