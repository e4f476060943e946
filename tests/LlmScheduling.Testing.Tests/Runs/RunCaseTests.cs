using LlmScheduling.Simulation;

namespace LlmScheduling.Testing.Tests.Runs;

public sealed class RunCaseTests
{
    private static readonly RunCase Full = new RunCase
    {
        Requests =
        [
            new() { Id = "0", ArrivedAt = TimeSpan.FromMilliseconds(0), InputTokens = 3, OutputTokens = 2 },
            new() { Id = "1", ArrivedAt = TimeSpan.FromMilliseconds(12.5), InputTokens = 40, OutputTokens = 5, MaxOutputTokens = 9, Priority = 3, Tenant = "b", TrafficClass = "chat", Deadline = TimeSpan.FromMilliseconds(900) },
        ],
        Engine = new() { MaxSequences = 2, MaxBatchTokens = 32, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(10)), PrefillChunkTokens = 8, KvBlocks = 6, KvBlockTokens = 16, Preemption = Preemption.Kv, ExpireAtDeadline = true, LookAheadRequests = 2 },
        Cancels = [(1, 4)],
        Seed = 5UL,
    };

    [Fact]
    public void ToString_EveryField_IsTheExpressionThatMadeIt()
    {
        string source = File.ReadAllText(Path.Combine(Repository.Root, "tests/LlmScheduling.Testing.Tests/Runs/RunCaseTests.cs"));
        Assert.Contains(Full.ToString(), source.Replace("\n    ", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void CheckCase_SoundPolicy_KeepsEveryLaw() =>
        RunLaws.CheckCase(_ => SchedulingStacks.Fcfs, Full, new PolicyPromises { IsWorkConserving = true, MaxPassedAfterWait = 0, MaxServiceGap = 1_000 });

    [Fact]
    public void CheckCase_BrokenPolicy_SaysWhichLawAndShowsTheCase()
    {
        var violation = Assert.Throws<LawViolationException>(() => RunLaws.CheckCase(_ => new("never", new BrokenPolicy((in _, _) => PriorityKey.Hold)), Full));
        Assert.Equal("EveryRequestEndsOnce", violation.Law.Name);
        Assert.Equal(Full.ToString(), violation.Counterexample);
        Assert.StartsWith("never breaks the law EveryRequestEndsOnce: Every request ends", violation.Message, StringComparison.Ordinal);
    }
}
