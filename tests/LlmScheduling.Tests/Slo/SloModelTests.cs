namespace LlmScheduling.Tests.Slo;

public sealed class SloModelTests
{
    private static readonly ServiceLevelObjective Declared = new() { TimeToFirstToken = Seconds(1), EndToEnd = Seconds(20) };

    [Fact]
    public void DeclaredSlo_Always_PromisesWhatIsAskedAndNothingElse()
    {
        Assert.Equal(new SloTargets(Seconds(1), TimeSpan.MaxValue, Seconds(20)), new DeclaredSlo().TargetsFor(Request(Declared)));
        Assert.Equal(SloTargets.BestEffort, new DeclaredSlo().TargetsFor(Request(null)));
    }

    [Fact]
    public void TrafficClassSlo_KnownClass_IgnoresWhatTheRequestAsks() =>
        Assert.Equal(new SloTargets(Seconds(2), Seconds(0.1), TimeSpan.MaxValue), Table().TargetsFor(Request(Declared, "chat")));

    [Fact]
    public void TrafficClassSlo_OtherClass_GetsTheDefaultOrNothing()
    {
        Assert.Equal(Seconds(60), Table(otherwise: new() { EndToEnd = Seconds(60) }).TargetsFor(Request(Declared, "Chat")).EndToEnd);
        Assert.False(Table().TargetsFor(Request(Declared, "batch")).HasObjective);
    }

    [Fact]
    public void TrafficClassSlo_TableChangedLater_KeepsItsCopy()
    {
        var rows = new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { EndToEnd = Seconds(5) } };
        var table = new TrafficClassSlo(rows);
        rows["chat"] = new() { EndToEnd = Seconds(1) };
        Assert.Equal(Seconds(5), table.TargetsFor(Request(null, "chat")).EndToEnd);
    }

    [Fact]
    public void BoundedSlo_AskedForLess_PromisesLess() =>
        Assert.Equal(Seconds(20), Bounded(new DeclaredSlo()).TargetsFor(Request(Declared)).EndToEnd);

    [Theory]
    [InlineData(0.1)]
    [InlineData(0)]
    [InlineData(-5)]
    public void BoundedSlo_AskedForMore_PromisesTheLimit(double seconds) =>
        Assert.Equal(Seconds(0.5), Bounded(new DeclaredSlo()).TargetsFor(Request(new() { TimeToFirstToken = Seconds(seconds) })).TimeToFirstToken);

    [Fact]
    public void BoundedSlo_NothingAsked_PromisesNothing() => Assert.Equal(SloTargets.BestEffort, Bounded(new DeclaredSlo()).TargetsFor(Request(null)));

    [Fact]
    public void BoundedSlo_LimitAbsent_DoesNotLimit() =>
        Assert.Equal(Seconds(-1), Bounded(new DeclaredSlo()).TargetsFor(Request(new() { TimePerOutputToken = Seconds(-1) })).TimePerOutputToken);

    [Fact]
    public void BoundedSlo_OfATable_BoundsTheTable() =>
        Assert.Equal(new SloTargets(Seconds(3), Seconds(0.1), TimeSpan.MaxValue), new BoundedSlo(Table(), new() { TimeToFirstToken = Seconds(3) }).TargetsFor(Request(null, "chat")));

    private static BoundedSlo Bounded(ISloModel inner) => new(inner, new() { TimeToFirstToken = Seconds(0.5), EndToEnd = Seconds(10) });

    private static TrafficClassSlo Table(ServiceLevelObjective? otherwise = null) =>
        new(new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { TimeToFirstToken = Seconds(2), TimePerOutputToken = Seconds(0.1) } }, otherwise);

    private static InferenceRequest Request(ServiceLevelObjective? objective, string trafficClass = "") =>
        new() { PromptTokens = 1, MaxOutputTokens = 1, Objective = objective, TrafficClass = trafficClass };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
