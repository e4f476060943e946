namespace LlmScheduling.Tests.Policies.Decorators;

public sealed class BacklogGuardTests
{
    private static readonly WorkModel SecondPerToken = new(Step: 0, PrefillToken: 1, DecodeSequence: 1, ContextToken: 0, TokenBoundShare: 0);

    // Work 20, 15, 10, 5, 3 and 2 s: the queue drains in 55 s. At 100 s they have waited 90, 80, 60, 50, 40 and 30 s.
    private static readonly PolicyCase Case = PolicyCase.Of(
        View(0, 10, 20), View(1, 20, 15), View(2, 40, 10), View(3, 50, 5), View(4, 60, 3), View(5, 70, 2)) with { Work = SecondPerToken };

    private static readonly ISchedulingPolicy Guarded = new ShortestPromptFirst().WithBacklogGuard();

    [Fact]
    public void Prioritize_WaitedLongerThanTheDrain_TakesEverySecondTurn()
    {
        Assert.Equal([5, 0, 4, 1, 3, 2], Case.Order(Guarded));
        Assert.Equal([0, 5, 1, 4, 2, 3], (Case with { Admissions = 7 }).Order(Guarded));
    }

    [Fact]
    public void Prioritize_LongerQueue_MovesTheBound()
    {
        // 35 s more of work: the queue drains in 90 s, and nobody has waited longer.
        PolicyCase longer = Case with { Requests = [.. Case.Requests, View(6, 100, 35)] };
        Assert.Equal(longer.Keys(new ShortestPromptFirst()), longer.Keys(Guarded));
        Assert.Equal([0, 5, 4, 3, 2, 1, 6], (longer with { Admissions = 7, Now = TimeSpan.FromSeconds(101) }).Order(Guarded));
    }

    [Fact]
    public void Prioritize_RunningRequests_AreNoBacklog()
    {
        PolicyCase running = Case with { Requests = [.. Case.Requests, View(6, 0, 1_000) with { Phase = RequestPhase.Running }] };
        Assert.Equal([5, 0, 4, 1, 3, 2], running.Order(Guarded));
    }

    [Fact]
    public void Prioritize_PredictedLength_CountsByItsMeanAndNotBeyondTheLimit()
    {
        // Median 10, mean 12.2: 20 + 12.2 s of work; with the limit of 10 tokens, 30 s.
        RequestView skewed = View(0, 69, 20) with { Length = new(10, 0.63f), MaxOutputTokens = 100 };
        PolicyCase it = PolicyCase.Of(skewed, View(1, 99, 0)) with { Work = SecondPerToken };
        Assert.All(it.Keys(Guarded), key => Assert.Equal(0, key.Tier));
        PolicyCase limited = it with { Requests = [skewed with { MaxOutputTokens = 10 }, View(1, 99, 0)] };
        Assert.All(limited.Keys(Guarded), key => Assert.NotEqual(0, key.Tier));
    }

    [Fact]
    public void Prioritize_LatencyUnknown_CountsWaitAndWorkInTokens()
    {
        RequestView passed = View(0, 0, 100) with { ProcessedTokensAtArrival = 0 }, fresh = View(1, 0, 10) with { ProcessedTokensAtArrival = 100 };
        PolicyCase it = PolicyCase.Of(passed, fresh) with { Admissions = 1 };
        Assert.Equal([0, 1], (it with { ProcessedTokens = 111 }).Order(Guarded));
        Assert.Equal([1, 0], (it with { ProcessedTokens = 110 }).Order(Guarded));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1.6, false)]
    [InlineData(1.7, true)]
    [InlineData(double.PositiveInfinity, true)]
    public void Prioritize_Factor_MultipliesTheDrainTime(double factor, bool isInner) =>
        Assert.Equal(isInner, Case.Order(new ShortestPromptFirst()).SequenceEqual(Case.Order(new ShortestPromptFirst().WithBacklogGuard(factor))));

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Constructor_FactorOutOfRange_Throws(double factor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FirstComeFirstServed().WithBacklogGuard(factor));

    private static RequestView View(long id, double arrivedAt, int prompt) => PolicyCase.View(id, arrivedAt, prompt);
}
