namespace LlmScheduling.Tests.Requests;

public class ClientLimitsTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1), Middle = TimeSpan.FromSeconds(2), Long = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(-5, -2)]
    [InlineData(-2, -2)]
    [InlineData(7, 7)]
    public void Bound_Priority_IsNeverMoreUrgent(int asked, int bounded) =>
        Assert.Equal(bounded, new ClientLimits { MostUrgentPriority = -2 }.Bound(Asking(priority: asked)).Priority);

    [Fact]
    public void Bound_Times_AreRaisedEachByItself_AndThoseNotAllowedDropped()
    {
        var limits = new ClientLimits { ShortestTimes = new() { TimeToFirstToken = Middle, TimePerOutputToken = Middle } };

        ServiceLevelObjective bounded = limits.Bound(Asking(new() { TimeToFirstToken = Short, TimePerOutputToken = Long, EndToEnd = Long })).Objective!;

        Assert.Equal((Middle, Long, null), (bounded.TimeToFirstToken, bounded.TimePerOutputToken, bounded.EndToEnd));
    }

    [Fact]
    public void Bound_AbsentTimes_StayAbsent() =>
        Assert.Null(new ClientLimits { ShortestTimes = new() { EndToEnd = Short } }.Bound(Asking()).Objective);

    [Fact]
    public void Bound_NothingAllowed_PromisesNothing() =>
        Assert.Null(new ClientLimits().Bound(Asking(new() { EndToEnd = Long })).Objective);

    [Fact]
    public void Bound_QueueTimeout_IsNeverLonger_NorAbsent()
    {
        var limits = new ClientLimits { LongestQueueTimeout = Middle };

        Assert.Equal(
            (Short, Middle, Middle),
            (limits.Bound(Asking(queueTimeout: Short)).QueueTimeout, limits.Bound(Asking(queueTimeout: Long)).QueueTimeout, limits.Bound(Asking()).QueueTimeout));
    }

    [Fact]
    public void Bound_WithinTheLimits_IsTheRequestItself()
    {
        InferenceRequest request = Asking(new() { EndToEnd = Long }, 1, Short);

        Assert.Same(request, new ClientLimits { ShortestTimes = new() { EndToEnd = Long }, LongestQueueTimeout = Long }.Bound(request));
    }

    [Fact]
    public void Bound_ChangesNothingElse()
    {
        var request = new InferenceRequest
        {
            PromptTokens = 1, MaxOutputTokens = 2, Prompt = "text".AsMemory(), CachedPrefixTokens = 3, Tenant = "tenant", TrafficClass = "class", Priority = -1, State = new object(),
        };

        InferenceRequest bounded = new ClientLimits().Bound(request);

        Assert.NotSame(request, bounded);
        foreach (var property in typeof(InferenceRequest).GetProperties().Where(property => property.Name != nameof(InferenceRequest.Priority)))
            Assert.Equal(property.GetValue(request), property.GetValue(bounded));
    }

    private static InferenceRequest Asking(ServiceLevelObjective? objective = null, int priority = 0, TimeSpan? queueTimeout = null) =>
        new() { PromptTokens = 1, MaxOutputTokens = 1, Objective = objective, Priority = priority, QueueTimeout = queueTimeout };
}
