namespace LlmScheduling.Tests.Policies;

/// <summary>The sentences of docs/policies.md.</summary>
public sealed class PolicyCompositionTests
{
    [Fact]
    public void Then_SeveralTimes_ReadsFromTheMostImportantOn()
    {
        ISchedulingPolicy ordered = new ByPriority().Then(new EarliestDeadline()).Then(new ShortestPromptFirst());
        TimeSpan soon = TimeSpan.FromSeconds(101), later = TimeSpan.FromSeconds(900);
        PolicyCase it = PolicyCase.Of(
            PolicyCase.View(0, prompt: 9) with { Deadline = later },
            PolicyCase.View(1, prompt: 8) with { Deadline = later },
            PolicyCase.View(2, prompt: 99) with { Deadline = soon },
            PolicyCase.View(3, prompt: 500, priority: -1));
        Assert.Equal([3, 2, 1, 0], it.Order(ordered));
    }

    [Fact]
    public void With_SeveralDecorators_TheLastWins()
    {
        ISchedulingPolicy guarded = new ShortestRankedFirst()
            .WithRelativeAging()
            .WithTenantFairness()
            .WithStarvationBound(TimeSpan.FromMinutes(2));
        RequestView overdue = PolicyCase.View(0, arrivedAt: 10) with { RankScore = 9, TenantIndex = 1 };
        PolicyCase it = new()
        {
            Requests = [overdue, PolicyCase.View(1, arrivedAt: 199) with { RankScore = 1 }],
            Tenants = [new(0, 1, 0, 0), new(5_000, 1, 1, 0)],
            Now = TimeSpan.FromSeconds(200),
            Admissions = 1,
        };
        Assert.Equal([0, 1], it.Order(guarded));
        Assert.Equal([1, 0], (it with { Admissions = 2 }).Order(guarded));
    }
}
