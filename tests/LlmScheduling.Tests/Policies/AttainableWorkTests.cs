namespace LlmScheduling.Tests.Policies;

public sealed class AttainableWorkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // A step takes a second, whoever is in it; tokens are as good as free.
    private static readonly WorkModel SecondPerStep = new(Step: 1, PrefillToken: 1e-9, DecodeSequence: 0, ContextToken: 0, TokenBoundShare: 0);

    [Fact]
    public void First_CertainLengths_IsApparentTardinessCost() =>
        PolicyCases.Check(PolicyCases.Ordinary, seed: 5, it =>
        {
            PolicyCase certain = it with { Requests = [.. it.Requests.Where(request => request is { Phase: RequestPhase.Waiting, TokenInterval.Ticks: long.MaxValue }).Select(request => request with { MaxOutputTokens = int.MaxValue, Length = new(request.Length.Median, 0) })] };
            Assert.Equal(certain.Order(new ApparentTardinessCost()), certain.Order(new AttainableWorkFirst()));
        });

    [Fact]
    public void First_UnsureLength_CountsTheWorkByTheChance()
    {
        // Both fit in the 50 steps that are left by their medians; of the second's nine lengths five do.
        RequestView sure = PolicyCase.View(0) with { Deadline = 150 * Second, MaxOutputTokens = 1_000, Length = new(49, 0) };
        RequestView unsure = PolicyCase.View(1) with { Deadline = 150 * Second, MaxOutputTokens = 1_000, Length = new(49, 1) };
        PolicyCase it = PolicyCase.Of(sure, unsure) with { Work = SecondPerStep };
        Assert.Equal([0, 1], it.Order(new AttainableWorkFirst()));
        Assert.Equal(it.KeyOf(new AttainableWorkFirst { IgnoresSpread = true }, 0), it.KeyOf(new AttainableWorkFirst { IgnoresSpread = true }, 1));
    }

    [Fact]
    public void First_SomeLengthStillFits_IsNotHopelessAndByTheMedianIs()
    {
        PolicyCase it = PolicyCase.Of(PolicyCase.View(0) with { Deadline = 130 * Second, MaxOutputTokens = 1_000, Length = new(49, 1) }) with { Work = SecondPerStep };
        Assert.False(it.KeyOf(new AttainableWorkFirst(), 0).IsSpare);
        Assert.True(it.KeyOf(new AttainableWorkFirst { IgnoresSpread = true }, 0).IsSpare);
    }

    [Fact]
    public void First_PaceThatNoStepKeeps_IsHopeless()
    {
        RequestView fast = PolicyCase.View(0) with { FirstTokenDue = 500 * Second, TokenInterval = 0.9 * Second };
        PolicyCase it = PolicyCase.Of(fast, fast with { Id = new(1), TokenInterval = 1.1 * Second }) with { Work = SecondPerStep };
        Assert.True(it.KeyOf(new AttainableWorkFirst(), 0).IsSpare);
        Assert.False(it.KeyOf(new AttainableWorkFirst(), 1).IsSpare);
    }

    [Fact]
    public void First_OpenPrefill_IsOrderedByWhatIsLeftAndKeepsItsSeat()
    {
        RequestView open = PolicyCase.View(0, prompt: 900) with { Phase = RequestPhase.Running, ComputedTokens = 880, FirstTokenDue = 120 * Second };
        PolicyCase it = PolicyCase.Of(open, PolicyCase.View(1, prompt: 30) with { FirstTokenDue = 120 * Second });
        PriorityKey[] keys = it.Keys(new AttainableWorkFirst());
        Assert.Equal(PriorityKey.KeepsSeat.Band, keys[0].Band);
        Assert.True(keys[0].Score < keys[1].Score);
    }

    [Fact]
    public void First_Hopeless_IsRefusedOnlyWhenAskedAndNeverAdmitted()
    {
        RequestView late = PolicyCase.View(0) with { Deadline = 99 * Second };
        PolicyCase it = PolicyCase.Of(late, late with { Id = new(1), Phase = RequestPhase.Preempted }, late with { Id = new(2), Phase = RequestPhase.Running });
        Assert.All(it.Keys(new AttainableWorkFirst()), key => Assert.True(key.IsSpare));
        PriorityKey[] keys = it.Keys(new AttainableWorkFirst { RefusesHopeless = true });
        Assert.Equal([true, false, false], keys.Select(key => key.IsRefused));
        Assert.True(keys[1].IsSpare && keys[2].IsSpare);
    }

    [Fact]
    public void First_LengthNotKnown_IsSavableByItsPrompt() =>
        Assert.False((PolicyCase.Of(PolicyCase.View(0) with { Deadline = 102 * Second }) with { Work = SecondPerStep }).KeyOf(new AttainableWorkFirst(), 0).IsSpare);

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void First_KOutOfRange_Throws(double k) => Assert.Throws<ArgumentOutOfRangeException>(() => new AttainableWorkFirst(k));

    [Fact]
    public void Pausing_APromptWouldBeLateBesideThem_PausesThoseAheadByTheMargin()
    {
        PolicyCase it = Beside(Decode(0, generated: 65), Decode(1, generated: 45), Prompt(2), Prompt(3));
        Assert.Equal([true, false, false, false], it.Keys(new AttainableWorkPausing()).Select(key => key.IsHeld));
        Assert.Equal([false, false, false, false], it.Keys(new AttainableWorkPausing(margin: TimeSpan.FromSeconds(20))).Select(key => key.IsHeld));
    }

    [Fact]
    public void Pausing_PromptsInTimeBesideThem_PausesNobody() =>
        Assert.DoesNotContain(Beside(Decode(0, generated: 65), Decode(1, generated: 90), Prompt(2), Prompt(3, due: 100.6)).Keys(new AttainableWorkPausing()), key => key.IsHeld);

    [Fact]
    public void Pausing_PromptInProgressWouldBeLate_Pauses()
    {
        RequestView open = Prompt(2) with { Phase = RequestPhase.Running };
        Assert.True(Beside(Decode(0, generated: 65), open, open with { Id = new RequestId(3) }).Keys(new AttainableWorkPausing())[0].IsHeld);
    }

    [Fact]
    public void Pausing_NoSeatForAPromptInTime_PausesOne()
    {
        RequestView[] requests = [.. Enumerable.Range(0, 64).Select(i => Decode(i, generated: 65)), Prompt(64, due: 500)];
        Assert.Single(Beside(requests).Keys(new AttainableWorkPausing()), key => key.IsHeld);
        Assert.DoesNotContain(Beside(requests[1..]).Keys(new AttainableWorkPausing()), key => key.IsHeld);
    }

    [Fact]
    public void Pausing_NobodyWants_PausesNobody() =>
        Assert.DoesNotContain(Beside(Decode(0, generated: 65), Decode(1, generated: 90)).Keys(new AttainableWorkPausing()), key => key.IsHeld);

    [Fact]
    public void Pausing_NothingElseToRun_OneGoesOn()
    {
        // The least is left of the second, by a limit of 100.
        PriorityKey[] keys = Beside(Decode(0, generated: 65), Decode(1, generated: 90), Prompt(2), Prompt(3)).Keys(new AttainableWorkPausing());
        Assert.Equal([true, false, false, false], keys.Select(key => key.IsHeld));
    }

    [Fact]
    public void Pausing_WhileSomebodyPauses_HopelessPromptsWait()
    {
        RequestView hopeless = PolicyCase.View(4) with { FirstTokenDue = 99 * Second };
        Assert.True(Beside(Decode(0, generated: 65), Decode(1, generated: 45), Prompt(2), Prompt(3), hopeless).Keys(new AttainableWorkPausing())[4].IsHeld);
        Assert.True(Beside(Decode(0, generated: 65), hopeless).Keys(new AttainableWorkPausing())[1].IsSpare);
    }

    [Fact]
    public void Pausing_StepTooLongForTheTightest_PausesUntilItFits()
    {
        // 0.1 s a decode: of 0.85 s eight fit. Six must run, and those of the other six with the least left go on.
        RequestView[] requests = [.. Enumerable.Range(0, 12).Select(i => Decode(i, generated: i < 6 ? 45 : 60 + i))];
        PolicyCase it = PolicyCase.Of(requests) with { Work = new WorkModel(Step: 0, PrefillToken: 0, DecodeSequence: 0.1, ContextToken: 0, TokenBoundShare: 0) };
        Assert.Equal([6, 7, 8, 9], it.Keys(new AttainableWorkPausing()).Select((key, i) => key.IsHeld ? i : -1).Where(i => i >= 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Pausing_NobodyMustRunAndOneAloneIsTooLong_PausesNobody(int decodes)
    {
        // 0.9 s for one decode, of 0.85 s: a shorter step is not to be had.
        RequestView[] requests = [.. Enumerable.Range(0, decodes).Select(i => Decode(i, generated: 65 + i))];
        PolicyCase it = PolicyCase.Of(requests) with { Work = new WorkModel(Step: 0.8, PrefillToken: 0, DecodeSequence: 0.1, ContextToken: 0, TokenBoundShare: 0) };
        Assert.DoesNotContain(it.Keys(new AttainableWorkPausing()), key => key.IsHeld);
    }

    [Fact]
    public void Pausing_MarginNegative_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new AttainableWorkPausing(margin: -Second));

    /// <summary>Decoding since 50 s, a second per token promised, at 100 s.</summary>
    private static RequestView Decode(long id, int generated) => PolicyCase.View(id) with
    {
        Phase = RequestPhase.Running,
        FirstTokenDue = 50 * Second,
        FirstTokenAt = 50 * Second,
        TokenInterval = Second,
        GeneratedTokens = generated,
        ComputedTokens = 9 + generated,
        MaxOutputTokens = 100,
    };

    /// <summary>More than two steps of prefill; one is in time, the second of two is not.</summary>
    private static RequestView Prompt(long id, double due = 100.4) => PolicyCase.View(id, prompt: 5_000) with { FirstTokenDue = due * Second };

    private static PolicyCase Beside(params RequestView[] requests) =>
        PolicyCase.Of(requests) with { Work = new WorkModel(Step: 0.1, PrefillToken: 1e-9, DecodeSequence: 0, ContextToken: 0, TokenBoundShare: 0) };
}
