namespace LlmScheduling.Testing.Tests;

public sealed class LawViolationTests
{
    private static readonly BrokenPolicy BreaksTies = new((in s, i) => new(0, s.Requests[i].PromptTokens * 1_000.0 + i));

    private static Law TableOrder { get; } = PolicyLaws.All.Single(law => law.Name == "OrderOfTheTableDoesNotMatter");

    [Fact]
    public void Message_OfAViolation_NamesSubjectLawAndSeed()
    {
        LawViolationException violation = Violation(seed: 7);
        Assert.StartsWith($"BrokenPolicy breaks the law {TableOrder.Name}: {TableOrder.Statement}", violation.Message, StringComparison.Ordinal);
        Assert.Contains(violation.Counterexample, violation.Message, StringComparison.Ordinal);
        Assert.EndsWith("Again with: new LawOptions { Seed = 7, Cases = 200 }", violation.Message, StringComparison.Ordinal);
        Assert.Equal((TableOrder, 7UL), (violation.Law, violation.Seed));
    }

    [Fact]
    public void Seed_OfAViolation_GivesTheSameCounterexample() => Assert.Equal(Violation(seed: 7).Counterexample, Violation(seed: 7).Counterexample);

    [Fact]
    public void CheckCase_OneBrokenCase_Throws()
    {
        var snapshot = new SnapshotCase { Now = TimeSpan.FromSeconds(1), Requests = [new() { Id = new(1), PromptTokens = 2 }, new() { Id = new(2), PromptTokens = 2 }] };
        var violation = Assert.Throws<LawViolationException>(() => PolicyLaws.CheckCase(BreaksTies, snapshot));
        Assert.Equal((TableOrder, snapshot.ToString()), (violation.Law, violation.Counterexample));
        PolicyLaws.CheckCase(new FirstComeFirstServed(), snapshot);
    }

    [Fact]
    public void Check_PromiseThatIsNotMade_IsNotChecked()
    {
        var inverted = new BrokenPolicy((in s, i) => new(0, -s.Requests[i].Priority));
        Law law = PolicyLaws.All.Single(one => one.Name == "MoreUrgentPriorityNeverHurts");
        PolicyLaws.Check(inverted, law);
        Assert.Throws<LawViolationException>(() => PolicyLaws.Check(inverted, law, new LawOptions { Promises = new PolicyPromises { MoreUrgentPriorityNeverHurts = true } }));
    }

    [Fact]
    public void Check_LawOfAnotherKind_Throws()
    {
        Assert.Throws<ArgumentException>(() => PolicyLaws.Check(new FirstComeFirstServed(), RunLaws.All[0]));
        Assert.Throws<ArgumentException>(() => RunLaws.Check(_ => SchedulingStacks.Fcfs, PolicyLaws.All[0]));
        Assert.Throws<ArgumentException>(() => DecoratorLaws.Check(inner => inner, PolicyLaws.All[0]));
    }

    [Fact]
    public void Check_NoCases_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PolicyLaws.Check(new FirstComeFirstServed(), new LawOptions { Cases = 0 }));

    [Fact]
    public void Laws_OfAllKinds_HaveNamesOfTheirOwn()
    {
        string[] names = [.. PolicyLaws.All.Concat(RunLaws.All).Concat(DecoratorLaws.All).Concat(RankerLaws.All).Select(law => law.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal(names.Where(name => !Zoo.All.Values.Any(specimen => specimen.Law == name)), []);
    }

    private static LawViolationException Violation(ulong seed) =>
        Assert.Throws<LawViolationException>(() => PolicyLaws.Check(BreaksTies, TableOrder, new LawOptions { Seed = seed }));
}
