using System.Globalization;
using System.Reflection;
using LlmScheduling.Simulation;

namespace LlmScheduling.Testing.Tests;

/// <summary>Every policy of the repository keeps every law. LLMSCHED_LAW_CASES=10000 draws as many cases per law.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<string, Func<ISchedulingPolicy, ISchedulingPolicy>> Decorators = new()
    {
        [nameof(RelativeAging)] = inner => inner.WithRelativeAging(2),
        [nameof(StarvationBound)] = inner => inner.WithStarvationBound(TimeSpan.FromSeconds(20)),
        [nameof(BacklogGuard)] = inner => inner.WithBacklogGuard(0.5),
        [nameof(TenantFairness)] = inner => inner.WithTenantFairness(),
    };

    public static TheoryData<string> Names => new(Subjects.All.Keys);

    public static TheoryData<string> DecoratorNames => new(Decorators.Keys);

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("LLMSCHED_LAW_CASES"), CultureInfo.InvariantCulture, out int cases) ? cases : new LawOptions().Cases;

    [Theory]
    [MemberData(nameof(Names))]
    public void Policy_AnySnapshot_KeepsTheLaws(string name) =>
        PolicyLaws.Check(Subjects.All[name].Create(), new LawOptions { Cases = Cases, Promises = Subjects.All[name].Promises });

    [Theory]
    [MemberData(nameof(Names))]
    public void Stack_AnyRun_KeepsTheLaws(string name) =>
        RunLaws.Check(Subjects.All[name].Stack, new LawOptions { Cases = Cases, Promises = Subjects.All[name].Promises });

    [Fact]
    public void PolicyThatRefuses_AnySnapshot_KeepsTheLaws() =>
        PolicyLaws.Check(new AttainableWorkFirst { RefusesHopeless = true }, new LawOptions { Cases = Cases, Promises = new PolicyPromises { NeverTakesSeats = true } });

    [Theory]
    [MemberData(nameof(DecoratorNames))]
    public void Decorator_AnyInnerPolicy_KeepsTheLaws(string name) =>
        DecoratorLaws.Check(Decorators[name], new LawOptions { Cases = Cases });

    [Fact]
    public void Subjects_AreEveryPolicyAndStackOfTheRepository()
    {
        Type[] shipped = [.. new[] { typeof(ISchedulingPolicy).Assembly, typeof(LastComeFirstServed).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes()).Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(ISchedulingPolicy)))];
        HashSet<Type> outermost = [.. Subjects.All.Values.Select(subject => subject.Create().GetType())];
        Assert.DoesNotContain(shipped, type => !outermost.Contains(type));
        Assert.Equal(
            shipped.Where(type => type.Namespace == "LlmScheduling" && type.GetConstructors().Any(constructor => constructor.GetParameters() is [{ ParameterType.Name: nameof(ISchedulingPolicy) }, ..]) && type != typeof(FirstThen)).Select(type => type.Name).Order(),
            Decorators.Keys.Order());
        Assert.DoesNotContain(typeof(SchedulingStacks).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Select(property => (SchedulingStack)property.GetValue(null)!), stack => !Subjects.All.ContainsKey($"SchedulingStacks, {stack.Name}"));
    }
}
