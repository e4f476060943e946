namespace LlmScheduling.Tests.Policies;

/// <summary>One example per policy that pins its order.</summary>
public sealed class OrderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void FirstComeFirstServed_Always_GoesByArrival() =>
        Assert.Equal([2, 0, 1], PolicyCase.Of(View(0, arrivedAt: 5), View(1, arrivedAt: 9), View(2, arrivedAt: 1)).Order(new FirstComeFirstServed()));

    [Fact]
    public void ByPriority_EqualPriorities_GoInArrivalOrderAndHaveEqualKeys()
    {
        PolicyCase it = PolicyCase.Of(View(0, priority: 3), View(1, priority: -2), View(2, priority: 3), View(3, priority: 0));
        Assert.Equal([1, 3, 0, 2], it.Order(new ByPriority()));
        Assert.Equal(it.KeyOf(new ByPriority(), 0), it.KeyOf(new ByPriority(), 2));
    }

    [Theory]
    [InlineData(null, 0, int.MinValue)]
    [InlineData(1, 7, 7)]
    [InlineData(3, 7, 5)]
    [InlineData(0, 7, 7)]
    [InlineData(int.MinValue, 7, 7)]
    [InlineData(int.MaxValue, -7, int.MinValue)]
    public void ByPriority_RunningRequest_StandsAGapInFront(int? gap, int priority, int band)
    {
        RequestView running = View(0, priority: priority) with { Phase = RequestPhase.Running };
        Assert.Equal(new PriorityKey(band, 0), PolicyCase.Of(running).KeyOf(new ByPriority(gap), 0));
    }

    [Fact]
    public void EarliestDeadline_WithoutDeadline_IsDueWithTheFirstTokenAndWithoutEitherLast() =>
        Assert.Equal([3, 1, 2, 0, 4], PolicyCase.Of(
            View(0),
            View(1) with { Deadline = 20 * Second, FirstTokenDue = 1 * Second },
            View(2) with { FirstTokenDue = 30 * Second },
            View(3) with { Deadline = -Second },
            View(4)).Order(new EarliestDeadline()));

    [Fact]
    public void LeastSlack_WithoutLatency_GoesByTheTimeLeft() =>
        Assert.Equal([2, 1, 0, 3], PolicyCase.Of(
            View(0) with { FirstTokenDue = 130 * Second },
            View(1) with { FirstTokenDue = 500 * Second, Deadline = 120 * Second },
            View(2) with { FirstTokenDue = 90 * Second },
            View(3)).Order(new LeastSlack()));

    [Fact]
    public void LeastSlack_WithLatency_TakesTheWorkUntilItIsDueOff()
    {
        var secondPerToken = new WorkModel(Step: 0, PrefillToken: 1, DecodeSequence: 1, ContextToken: 0, TokenBoundShare: 0);
        RequestView firstToken = View(0, prompt: 30) with { FirstTokenDue = 150 * Second, Length = new(1_000, 0) };
        RequestView deadline = View(1, prompt: 30) with { Deadline = 170 * Second, Length = new(45, 0) };
        PolicyCase it = PolicyCase.Of(firstToken, deadline) with { Work = secondPerToken };
        Assert.Equal(20, it.KeyOf(new LeastSlack(), 0).Score / TimeSpan.TicksPerSecond);
        Assert.Equal(-5, it.KeyOf(new LeastSlack(), 1).Score / TimeSpan.TicksPerSecond);
    }

    [Fact]
    public void LeastSlack_PreemptedRequest_NeedsItsContextAgainAndOnlyTheRestOfItsOutput()
    {
        var secondPerToken = new WorkModel(Step: 0, PrefillToken: 1, DecodeSequence: 1, ContextToken: 0, TokenBoundShare: 0);
        RequestView preempted = View(0, prompt: 30) with { Phase = RequestPhase.Preempted, GeneratedTokens = 40, Deadline = 200 * Second, Length = new(45, 0) };
        Assert.Equal(100 - 70 - 5, (PolicyCase.Of(preempted) with { Work = secondPerToken }).KeyOf(new LeastSlack(), 0).Score / TimeSpan.TicksPerSecond);
    }

    [Fact]
    public void ApparentTardinessCost_EqualUrgency_GoesByWork() =>
        Assert.Equal([1, 0], PolicyCase.Of(
            View(0, prompt: 90) with { Deadline = 150 * Second }, View(1, prompt: 80) with { Deadline = 150 * Second }).Order(new ApparentTardinessCost()));

    [Fact]
    public void ApparentTardinessCost_TimeToSpare_MakesWorkCountMore()
    {
        // Half the limit is left of the second: its 10 tokens count 10 e.
        PolicyCase it = PolicyCase.Of(View(0, prompt: 27) with { Deadline = 100 * Second }, View(1, prompt: 10) with { Deadline = 200 * Second });
        Assert.Equal([0, 1], it.Order(new ApparentTardinessCost()));
        Assert.Equal([1, 0], it.Order(new ApparentTardinessCost(0.6)));
    }

    [Fact]
    public void ApparentTardinessCost_NoPromiseThenHopeless_StandBehindByWork() =>
        Assert.Equal([4, 1, 0, 3, 2], PolicyCase.Of(
            View(0, prompt: 50), View(1, prompt: 40), View(2, prompt: 3) with { Deadline = 99 * Second },
            View(3, prompt: 2) with { FirstTokenDue = 99 * Second, Deadline = 500 * Second }, View(4, prompt: 900) with { Deadline = 101 * Second }).Order(new ApparentTardinessCost()));

    [Fact]
    public void ApparentTardinessCost_WithLatency_IsHopelessWhenTheTimeInASeatNoLongerFits()
    {
        // Steps of 1 s beside nobody: a first token, and 9 more until the end.
        PolicyCase it = PolicyCase.Of(View(0) with { Deadline = 109.5 * Second, Length = new(10, 0) }, View(1) with { Deadline = 110.5 * Second, Length = new(10, 0) })
            with { Work = new WorkModel(Step: 1, PrefillToken: 0, DecodeSequence: 0, ContextToken: 0, TokenBoundShare: 0) };
        Assert.Equal(2, it.KeyOf(new ApparentTardinessCost(), 0).Tier);
        Assert.Equal(0, it.KeyOf(new ApparentTardinessCost(), 1).Tier);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ApparentTardinessCost_KOutOfRange_Throws(double k) => Assert.Throws<ArgumentOutOfRangeException>(() => new ApparentTardinessCost(k));

    [Fact]
    public void ShortestPromptFirst_Always_GoesByPromptAndNotByOutput() =>
        Assert.Equal([1, 2, 0], PolicyCase.Of(View(0, prompt: 9) with { MaxOutputTokens = 1 }, View(1, prompt: 2), View(2, prompt: 9 - 1)).Order(new ShortestPromptFirst()));

    [Fact]
    public void LongestOutputFirst_Always_GoesByTheLimit() =>
        Assert.Equal([1, 0, 2], PolicyCase.Of(View(0) with { MaxOutputTokens = 5 }, View(1) with { MaxOutputTokens = 6 }, View(2) with { MaxOutputTokens = 0 }).Order(new LongestOutputFirst()));

    [Fact]
    public void ShortestRankedFirst_UnrankedRequests_StandAtTheMedianInArrivalOrder() =>
        Assert.Equal([4, 1, 2, 5, 6, 3, 0], PolicyCase.Of(
            View(0) with { RankScore = 8 }, View(1) with { RankScore = -3 }, View(2), View(3) with { RankScore = 5 },
            View(4) with { RankScore = -7 }, View(5), View(6) with { RankScore = 1 },
            View(7) with { RankScore = -100, Phase = RequestPhase.Running }).Order(new ShortestRankedFirst()));

    [Fact]
    public void ShortestRankedFirst_NobodyRanked_IsFirstComeFirstServed() =>
        Assert.Equal([0, 1, 2], PolicyCase.Of(View(2), View(0), View(1)).Order(new ShortestRankedFirst()));

    [Fact]
    public void ShortestPredictedFirst_UnknownLength_StandsAtTheMedian() =>
        Assert.Equal([2, 0, 3, 1], PolicyCase.Of(
            View(0), View(1) with { Length = new(900, 1) }, View(2) with { Length = new(2, 1) }, View(3) with { Length = new(30, 0) }).Order(new ShortestPredictedFirst()));

    [Fact]
    public void ShortestWorkFirst_WithAndWithoutLatency_GoesByWork()
    {
        PolicyCase it = PolicyCase.Of(View(0, prompt: 1_000) with { Length = new(10, 0) }, View(1, prompt: 100) with { Length = new(200, 0) });
        Assert.Equal([1, 0], it.Order(new ShortestWorkFirst()));
        Assert.Equal([0, 1], (it with { Work = new WorkModel(0, 0.001, 0.1, 0, 0) }).Order(new ShortestWorkFirst()));
    }

    [Fact]
    public void HighestResponseRatioNext_LongWaitInTokens_OvertakesAShorterPrompt()
    {
        RequestView longOld = View(0, prompt: 100) with { ProcessedTokensAtArrival = 0 }, shortNew = View(1, prompt: 10) with { ProcessedTokensAtArrival = 950 };
        Assert.Equal([0, 1], (PolicyCase.Of(longOld, shortNew) with { ProcessedTokens = 1_000 }).Order(new HighestResponseRatioNext()));
        Assert.Equal([1, 0], (PolicyCase.Of(longOld, shortNew) with { ProcessedTokens = 2_000 }).Order(new HighestResponseRatioNext()));
    }

    [Fact]
    public void HighestResponseRatioNext_EqualRatios_GoInArrivalOrder() =>
        Assert.Equal([0, 1, 2], (PolicyCase.Of(View(2, prompt: 7), View(1, prompt: 21), View(0, prompt: 49)) with { ProcessedTokens = 0 }).Order(new HighestResponseRatioNext()));

    [Fact]
    public void WeightedShortestFirst_NegativePriority_IsWeightAndPositiveIsNot() =>
        Assert.Equal([1, 0, 2, 3], PolicyCase.Of(
            View(0, prompt: 30), View(1, prompt: 80, priority: -3), View(2, prompt: 30, priority: 50), View(3, prompt: 120, priority: -1)).Order(new WeightedShortestFirst()));

    [Fact]
    public void TenantRoundRobin_SeveralPerTenant_TakesTurnsAfterTheTenantAdmittedLast()
    {
        PolicyCase it = PolicyCase.Of(
            View(0) with { TenantIndex = 0 }, View(1) with { TenantIndex = 0 }, View(2) with { TenantIndex = 1 }, View(3) with { TenantIndex = 2 }, View(4) with { TenantIndex = 2 });
        Assert.Equal([0, 2, 3, 1, 4], (it with { Tenants = [new(0, 1, 0, 0), new(0, 1, 1, 0), new(0, 1, 2, 0)] }).Order(new TenantRoundRobin()));
        Assert.Equal([3, 0, 2, 4, 1], (it with { Tenants = [new(0, 1, 0, 4), new(0, 1, 1, 7), new(0, 1, 2, 2)] }).Order(new TenantRoundRobin()));
        Assert.Equal([0, 3, 2, 1, 4], (it with { Tenants = [new(0, 1, 1, 0), new(0, 1, 0, 9), new(0, 1, 2, 0)] }).Order(new TenantRoundRobin()));
    }

    [Fact]
    public void TenantRoundRobin_NoTenantsInTheSnapshot_IsFirstComeFirstServed() =>
        Assert.Equal([1, 0], (PolicyCase.Of(View(0, arrivedAt: 3), View(1, arrivedAt: 2)) with { Tenants = [] }).Order(new TenantRoundRobin()));

    [Fact]
    public void BacklogBoost_ShortQueue_GoesByArrivalAndALongOneByWork()
    {
        var secondPerToken = new WorkModel(Step: 0, PrefillToken: 1, DecodeSequence: 1, ContextToken: 0, TokenBoundShare: 0);
        PolicyCase it = PolicyCase.Of(View(0, arrivedAt: 10, prompt: 8), View(1, arrivedAt: 30, prompt: 2)) with { Work = secondPerToken };

        // Ten seconds of backlog: a quarter of the work is worth 10 ln 4 = 13.9 s, less than the 20 s between them.
        Assert.Equal([0, 1], it.Order(new BacklogBoost()));
        Assert.Equal([1, 0], it.Order(new BacklogBoost(2)));
        Assert.Equal([1, 0, 2], (it with { Requests = [.. it.Requests, View(2, arrivedAt: 90, prompt: 10)] }).Order(new BacklogBoost()));
        Assert.Equal(10 * Math.Log(8) - 90, it.KeyOf(new BacklogBoost(), 0).Score, 9);
    }

    [Theory]
    [InlineData(0, new long[] { 2, 1, 0 })]
    [InlineData(1e-9, new long[] { 2, 1, 0 })]
    [InlineData(0.1, new long[] { 1, 0, 2 })]
    [InlineData(double.PositiveInfinity, new long[] { 0, 1, 2 })]
    public void SoftBoost_Gamma_LiesBetweenShortestWorkAndArrival(double gamma, long[] order)
    {
        var secondPerToken = new WorkModel(Step: 0, PrefillToken: 1, DecodeSequence: 1, ContextToken: 0, TokenBoundShare: 0);
        PolicyCase it = PolicyCase.Of(View(0, arrivedAt: 10, prompt: 8), View(1, arrivedAt: 15, prompt: 2), View(2, arrivedAt: 90, prompt: 1)) with { Work = secondPerToken };
        Assert.Equal(order, it.Order(new SoftBoost(gamma)));
    }

    [Fact]
    public void SoftBoost_Score_IsArrivalLessTheBoost()
    {
        PolicyCase it = PolicyCase.Of(View(0, prompt: 3) with { ProcessedTokensAtArrival = 5 }) with { ProcessedTokens = 25 };
        Assert.Equal(-20 - Math.Log(1 / (1 - Math.Exp(-0.3))) / 0.1, it.KeyOf(new SoftBoost(0.1), 0).Score, 9);
    }

    [Fact]
    public void Boosts_ParameterOutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftBoost(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftBoost(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BacklogBoost(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BacklogBoost(double.PositiveInfinity));
    }

    [Fact]
    public void ShortestLowerBoundFirst_WidePrediction_GoesBeforeANarrowOneOfTheSameMedian()
    {
        PolicyCase it = PolicyCase.Of(
            View(0) with { Length = new(100, 0.1f) },
            View(1) with { Length = new(100, 1) },
            View(2) with { Length = new(20, 0) },
            View(3) with { Length = new(20, 0), GeneratedTokens = 50, Phase = RequestPhase.Preempted },
            View(4));
        Assert.Equal([2, 1, 4, 3, 0], it.Order(new ShortestLowerBoundFirst()));
        Assert.Equal(50, it.KeyOf(new ShortestLowerBoundFirst(), 3).Score);
        Assert.Equal(100 * Math.Exp(-1.28), it.KeyOf(new ShortestLowerBoundFirst(), 1).Score, 3);
    }

    [Theory]
    [InlineData(0.5, 49, 30, true)]
    [InlineData(0.5, 49, 45, false)]
    [InlineData(0.5, 50, 10, false)]
    [InlineData(0.8, 50, 10, true)]
    [InlineData(0, 0, 1, false)]
    [InlineData(1, 99, 1, false)]
    public void ShortestRemainingFirst_EarlyInItsLife_ARunningRequestYieldsToAMuchShorterOne(double share, int generated, int shorter, bool yields)
    {
        RequestView running = View(0) with { Length = new(200, 0), MaxOutputTokens = 100, GeneratedTokens = generated, Phase = RequestPhase.Running };
        RequestView waiting = View(1) with { Length = new(shorter, 0), MaxOutputTokens = 100 };
        PriorityKey[] keys = PolicyCase.Of(running, waiting).Keys(new ShortestRemainingFirst(share));
        Assert.Equal(yields, keys[1].Band < keys[0].Band);
    }

    [Fact]
    public void ShortestRemainingFirst_UnknownLength_IsTheLimit() =>
        Assert.Equal([2, 0, 1], PolicyCase.Of(
            View(0) with { Length = new(30, 0), MaxOutputTokens = 100 },
            View(1) with { MaxOutputTokens = 90 },
            View(2) with { Length = new(80, 0), MaxOutputTokens = 100, GeneratedTokens = 95, Phase = RequestPhase.Preempted }).Order(new ShortestRemainingFirst()));

    [Fact]
    public void GittinsFirst_CertainLengths_GoByWork()
    {
        PolicyCase it = PolicyCase.Of(View(0, prompt: 40) with { Length = new(20, 0) }, View(1, prompt: 10) with { Length = new(49, 0) }, View(2, prompt: 50) with { Length = new(11, 0) });
        Assert.Equal([1, 0, 2], it.Order(new GittinsFirst()));
        Assert.Equal(59, it.KeyOf(new GittinsFirst(), 1).Score, 9);
    }

    [Fact]
    public void GittinsFirst_WidePrediction_GoesBeforeACertainOneOfLessThanItsMean()
    {
        // Mean 308, and yet it may well be over soon.
        RequestView wide = View(0) with { Length = new(100, 1.5f) };
        Assert.Equal([2, 0, 1], PolicyCase.Of(wide, View(1) with { Length = new(200, 0) }, View(2) with { Length = new(100, 0) }).Order(new GittinsFirst()));
    }

    [Fact]
    public void GittinsFirst_UnknownLength_HasTheDistributionGiven()
    {
        // Half of them end at 1 token: 10 + 1 tokens of work for half a chance is 22; all of them, 10 + (1 + 999) / 2 for certain.
        var policy = new GittinsFirst(LengthDistribution.Of([999, 1]));
        PolicyCase it = PolicyCase.Of(View(0), View(1) with { Length = new(11, 0) }, View(2) with { Length = new(13, 0) });
        Assert.Equal(22, it.KeyOf(policy, 0).Score, 9);
        Assert.Equal([1, 0, 2], it.Order(policy));
        Assert.Equal([0, 1, 2], it.Order(new GittinsFirst()));
    }

    [Fact]
    public void GittinsFirst_PreemptedRequest_HasOnlyTheLengthsThatAreLeft()
    {
        // One token is past, so that it is the long one: its context of 12 tokens again, and 997 tokens; of 1,500, as many again.
        var policy = new GittinsFirst(LengthDistribution.Of([1, 999]));
        RequestView preempted = View(0) with { GeneratedTokens = 2, Phase = RequestPhase.Preempted };
        Assert.Equal(12 + 997, PolicyCase.Of(preempted).KeyOf(policy, 0).Score, 9);
        Assert.Equal(1_510 + 1_500, PolicyCase.Of(preempted with { GeneratedTokens = 1_500 }).KeyOf(policy, 0).Score, 9);
    }

    [Fact]
    public void LengthDistribution_BadLengths_Throw()
    {
        Assert.Throws<ArgumentException>(() => LengthDistribution.Of([]));
        Assert.Throws<ArgumentException>(() => LengthDistribution.Of([5, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShortestRemainingFirst(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShortestRemainingFirst(double.NaN));
    }

    private static RequestView View(long id, double arrivedAt = 0, int prompt = 10, int priority = 0) => PolicyCase.View(id, arrivedAt, prompt, priority);
}
