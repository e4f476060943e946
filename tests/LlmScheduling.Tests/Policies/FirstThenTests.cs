namespace LlmScheduling.Tests.Policies;

public sealed class FirstThenTests
{
    [Fact]
    public void Prioritize_EqualKeysOfTheFirst_AreToldApartByTheSecond()
    {
        PolicyCase it = PolicyCase.Of(View(0, 9, priority: 1), View(1, 5), View(2, 3, priority: 1), View(3, 5), View(4, 2));
        Assert.Equal([4, 1, 3, 2, 0], it.Order(new ByPriority().Then(new ShortestPromptFirst())));
    }

    [Fact]
    public void Prioritize_KeysEqualInBoth_StayEqualForAThird()
    {
        PolicyCase it = PolicyCase.Of(View(0, 5, output: 1), View(1, 5, output: 8), View(2, 4, output: 2));
        Assert.Equal([2, 1, 0], it.Order(new ByPriority().Then(new ShortestPromptFirst()).Then(new LongestOutputFirst())));
        Assert.Equal([2, 1, 0], it.Order(new ByPriority().Then(new ShortestPromptFirst().Then(new LongestOutputFirst()))));
    }

    [Fact]
    public void Prioritize_TierAndBandOfTheFirst_Stay()
    {
        var tiered = new KeyedBy((in RequestView request) => new PriorityKey(-request.Priority, request.Priority, 0.5));
        PolicyCase it = PolicyCase.Of(View(0, 5, priority: 2), View(1, 5, priority: 9));
        ISchedulingPolicy policy = tiered.Then(new ShortestPromptFirst());
        Assert.Equal(new PriorityKey(-2, 2, 1), it.KeyOf(policy, 0));
        Assert.Equal(new PriorityKey(-9, 9, 0), it.KeyOf(policy, 1));
    }

    [Fact]
    public void Prioritize_WithASeatGap_RunningRequestsKeepTheirBand()
    {
        PolicyCase it = PolicyCase.Of(View(0, 5, priority: 4) with { Phase = RequestPhase.Running }, View(1, 5, priority: 1));
        Assert.Equal(3, it.KeyOf(new ByPriority(2).Then(new ShortestPromptFirst()), 0).Band);
    }

    [Fact]
    public void Prioritize_WhatEitherHolds_IsHeld()
    {
        var holdsUrgent = new KeyedBy((in RequestView request) => request.Priority < 0 ? PriorityKey.Hold : new(0, 0));
        var refusesLong = new KeyedBy((in RequestView request) => request.PromptTokens > 100 ? PriorityKey.Refuse : new(0, 0));
        PolicyCase it = PolicyCase.Of(View(0, 5, priority: -1), View(1, 500), View(2, 500, priority: -1), View(3, 5));
        ISchedulingPolicy policy = holdsUrgent.Then(refusesLong);
        Assert.Equal([PriorityKey.Hold, PriorityKey.Refuse, PriorityKey.Hold, new(0, 0)], it.Keys(policy));
    }

    [Fact]
    public void Prioritize_NaNOfEither_IsNotHidden()
    {
        var broken = new KeyedBy((in RequestView request) => new(0, request.PromptTokens == 5 ? double.NaN : 0));
        PolicyCase it = PolicyCase.Of(View(0, 5), View(1, 6));
        Assert.True(double.IsNaN(it.KeyOf(broken.Then(new ShortestPromptFirst()), 0).Score));
        Assert.True(double.IsNaN(it.KeyOf(new ShortestPromptFirst().Then(broken), 0).Score));
    }

    [Fact]
    public void Prioritize_RandomCases_IsTheLexicographicOrder() =>
        PolicyCases.Check(PolicyCases.Ordinary, seed: 11, it =>
        {
            PriorityKey[] first = it.Keys(new ByPriority()), second = it.Keys(new EarliestDeadline());
            long[] expected = [.. Enumerable.Range(0, it.Requests.Length).Where(i => it.Requests[i].Phase != RequestPhase.Running)
                .OrderBy(i => first[i]).ThenBy(i => second[i]).ThenBy(i => it.Requests[i].Id.Sequence).Select(i => it.Requests[i].Id.Sequence)];
            Assert.Equal(expected, it.Order(new ByPriority().Then(new EarliestDeadline())));
        });

    private static RequestView View(long id, int prompt, int priority = 0, int output = 10) => PolicyCase.View(id, prompt: prompt, priority: priority) with { MaxOutputTokens = output };
}
