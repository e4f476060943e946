namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class AnnealedReplayTests
{
    private static readonly EngineSettings Engine = new()
    {
        MaxSequences = 16,
        MaxBatchTokens = 512,
        StepCost = StepCost.Of(new LinearLatencyModel(0.03, 7e-5, 1.5e-4, 3e-7)),
    };

    private static readonly SloTable Slo = new(
        new Dictionary<string, ServiceLevelObjective>
        {
            ["chat"] = new() { TimeToFirstToken = TimeSpan.FromSeconds(2), TimePerOutputToken = TimeSpan.FromMilliseconds(200) },
            ["code"] = new() { EndToEnd = TimeSpan.FromSeconds(5) },
        },
        null);

    public static TheoryData<string> Annealed => ["ours", "paper"];

    [Theory]
    [MemberData(nameof(Annealed))]
    public void Run_EqualSeeds_AreEqualToTheTick(string name) =>
        Assert.Equal(EndsOf(Overload(Of(name), 3)), EndsOf(Overload(Of(name), 3)));

    [Theory]
    [MemberData(nameof(Annealed))]
    public void Run_Overloaded_CompletesEverything(string name)
    {
        ReplayResult result = Overload(Of(name), 4);
        Assert.All(result.Records, record => Assert.Equal(RequestOutcome.Completed, record.Outcome));
        Assert.Equal(0, result.PolicyFaults);
    }

    [Fact]
    public void Run_PlanThatNeverComes_IsTheRuleToTheTick() =>
        Assert.Equal(
            EndsOf(Overload((new ApparentTardinessCost(), null), 5)),
            EndsOf(Overload((new AnnealedSlo(), () => new SeatsAnnealer()), 5, delay: TimeSpan.FromDays(1))));

    [Fact]
    public void Run_AnnealerThatThrows_IsCountedAndTheOrderIsThatOfTheRule()
    {
        ReplayResult result = Overload((new AnnealedSlo(), () => new Watching { Throws = true }), 5);

        Assert.True(result.PolicyFaults > 0);
        Assert.Equal(EndsOf(Overload((new ApparentTardinessCost(), null), 5)), EndsOf(result));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_SeveralInstances_CompleteEverythingAndAreEqualForEqualSeeds(bool isAssigned)
    {
        ReplayOptions options = new() { Instances = 3, Assignment = isAssigned ? new MostFreeSequences() : null, Slo = Slo, Annealer = () => new SeatsAnnealer(evaluations: 100) };
        ReplayResult Run() => Replay.Run(Workload.Generate("poisson:27:300", 9), Engine, new SchedulingStack("test", new AnnealedSlo()), options);

        Assert.All(Run().Records, record => Assert.Equal(RequestOutcome.Completed, record.Outcome));
        Assert.Equal(EndsOf(Run()), EndsOf(Run()));
    }

    [Fact]
    public void Run_PlansAreInForce_ChangesTheOrder() =>
        Assert.NotEqual(
            EndsOf(Overload((new AnnealedSlo(), null), 5)),
            EndsOf(Overload((new AnnealedSlo(), () => new SeatsAnnealer()), 5)));

    [Fact]
    public void Run_Annealer_IsAskedAtMostFiveTimesASecondAndOnlyAboutNewQueues()
    {
        var watch = new Watching();
        ReplayResult result = Overload((new AnnealedSlo(), () => watch), 6);

        Assert.True(watch.Asked.Count > 50);
        Assert.True(watch.Asked.Count <= 1 + result.SimulatedTime / TimeSpan.FromMilliseconds(200));
        Assert.All(watch.Asked.Zip(watch.Asked.Skip(1)), pair =>
        {
            Assert.True(pair.Second.Now - pair.First.Now >= TimeSpan.FromMilliseconds(200));
            Assert.NotEqual(pair.First.Waiting, pair.Second.Waiting);
        });
    }

    private static (ISchedulingPolicy Policy, Func<IQueueAnnealer>? Annealer) Of(string name) => name == "ours"
        ? (new AnnealedSlo(), () => new SeatsAnnealer(evaluations: 200))
        : (new PublishedOrder(), () => new PublishedQueueAnnealer());

    private static ReplayResult Overload((ISchedulingPolicy Policy, Func<IQueueAnnealer>? Annealer) subject, ulong seed, TimeSpan? delay = null)
    {
        var options = new ReplayOptions { Seed = seed, Slo = Slo, Annealer = subject.Annealer, Lengths = LengthKnowledge.Noisy(0.65) };
        if (delay is { } given)
            options = options with { AnnealingDelay = given };
        return Replay.Run(Workload.Generate("poisson:9:300", seed), Engine, new SchedulingStack("test", subject.Policy), options);
    }

    private static TimeSpan[] EndsOf(ReplayResult result) => [.. result.Records.Select(record => record.EndedAt)];

    private sealed class Watching : IQueueAnnealer
    {
        public List<(TimeSpan Now, string Waiting)> Asked { get; } = [];

        public bool Throws { get; init; }

        public void Plan(in SchedulingSnapshot snapshot, Span<int> positions, CancellationToken cancellationToken = default)
        {
            if (Throws)
                throw new InvalidOperationException("no plan");
            var waiting = new SortedSet<long>();
            foreach (ref readonly RequestView request in snapshot.Requests)
            {
                if (request.Phase != RequestPhase.Running)
                    waiting.Add(request.Id.Sequence);
            }

            Asked.Add((snapshot.Now, string.Join(' ', waiting)));
        }
    }
}
