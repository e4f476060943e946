namespace LlmScheduling.Tests.Policies.Decorators;

public sealed class RelativeAgingTests
{
    private static readonly WorkModel HundredthPerToken = new(Step: 0, PrefillToken: 0.01, DecodeSequence: 0.01, ContextToken: 0, TokenBoundShare: 0);

    [Fact]
    public void Prioritize_RatioAboveTheFactor_GoesFirstByRatio()
    {
        // Work 10, 0.1, 1 and 0.5 s; waits 60, 0.5, 30 and 20 s; ratios 6, 5, 30 and 40.
        PolicyCase it = PolicyCase.Of(View(0, 40, 1_000), View(1, 99.5, 10), View(2, 70, 100), View(3, 80, 50)) with { Work = HundredthPerToken };
        Assert.Equal([3, 2, 1, 0], it.Order(new ShortestWorkFirst().WithRelativeAging(20)));
        Assert.Equal([1, 3, 2, 0], it.Order(new ShortestWorkFirst().WithRelativeAging(50)));
        Assert.Equal([3, 2, 0, 1], it.Order(new ShortestWorkFirst().WithRelativeAging(0)));
    }

    [Fact]
    public void Prioritize_LatencyUnknown_CountsWaitAndWorkInTokens()
    {
        RequestView passed = View(0, 0, prompt: 100) with { ProcessedTokensAtArrival = 0 }, fresh = View(1, 0, prompt: 10) with { ProcessedTokensAtArrival = 9_000 };
        PolicyCase it = PolicyCase.Of(passed, fresh) with { ProcessedTokens = 9_050 };
        Assert.Equal([0, 1], it.Order(new ShortestPromptFirst().WithRelativeAging(20)));
        Assert.Equal([1, 0], it.Order(new ShortestPromptFirst().WithRelativeAging(100)));
    }

    [Fact]
    public void Prioritize_OtherBandsAndPromotions_AreOvertaken()
    {
        var inner = new KeyedBy((in RequestView request) => new PriorityKey(-request.Priority, request.Priority, 0));
        PolicyCase it = PolicyCase.Of(View(0, 99, 10, priority: 5), View(1, 0, 10), View(2, 50, 10, priority: 7)) with { Work = HundredthPerToken };
        ISchedulingPolicy policy = inner.WithRelativeAging(100);
        Assert.Equal([1, 2, 0], it.Order(policy));
        Assert.Equal([5, 0, 7], it.Keys(policy).Select(key => key.Band));
        Assert.All(it.Keys(policy), key => Assert.True(key.Tier < 0));
    }

    [Fact]
    public void Prioritize_NobodyAged_LeavesTheKeysAlone()
    {
        PolicyCase it = PolicyCase.Of(View(0, 99, 30), View(1, 98, 20)) with { Work = HundredthPerToken };
        Assert.Equal(it.Keys(new ShortestPromptFirst()), it.Keys(new ShortestPromptFirst().WithRelativeAging()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Constructor_FactorOutOfRange_Throws(double factor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FirstComeFirstServed().WithRelativeAging(factor));

    private static RequestView View(long id, double arrivedAt, int prompt, int priority = 0) => PolicyCase.View(id, arrivedAt, prompt, priority);
}
