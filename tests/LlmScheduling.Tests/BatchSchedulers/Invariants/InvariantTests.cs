using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests;

/// <summary>Random schedulers, random legal keys, hostile numbers. A failure prints the run's seed; <see cref="Execute_OneSeed"/> shows it again.</summary>
public sealed class InvariantTests
{
    private const ulong Seed = 20_260_101;

    [Fact]
    public void Scheduler_UnderRandomPolicies_KeepsItsBudgetsAndLosesNobody() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => Execute(seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(Seed, 1));

    // Seeds that have failed once.
    [Theory]
    [InlineData(1)]
    public void Execute_OneSeed(int seed) => Execute(seed);

    private static void Execute(int seed)
    {
        using var run = new InvariantRun(seed);
        run.Execute(steps: 120);
    }
}
