namespace LlmScheduling.Tests.Annealing;

public sealed class SeatsAnnealerTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(100);
    private static readonly WorkModel Work = new(Step: 0.03, PrefillToken: 7e-5, DecodeSequence: 1.5e-4, ContextToken: 3e-7, TokenBoundShare: 0.5);

    [Fact]
    public void Plan_LongJobThatFitsBeforeTheLastShortOne_GoesThereAndAllAreMet()
    {
        // 14,000 tokens take 1.19 s, a short one 0.05 s: the long one is in time behind five of them, the sixth behind the long one.
        RequestView[] requests =
        [
            Waiting(0, prompt: 14_000, due: 1.45),
            .. Enumerable.Range(1, 6).Select(id => Waiting(id, prompt: 600, due: 2.4)),
        ];

        int[] plan = Plan(new SeatsAnnealer(), requests);
        Assert.Equal(5, plan[0]);
        Assert.Equal(Enumerable.Range(0, 7), plan.Order());
        Assert.NotEqual(5, PlaceUnderTheRule(requests, 0));
    }

    [Fact]
    public void Plan_RunningHopelessAndUnpromised_AreLeftToThePolicy()
    {
        RequestView[] requests =
        [
            Waiting(0, prompt: 100, due: -1), Waiting(1, prompt: 100, due: 5), Waiting(2, prompt: 100, due: 5) with { FirstTokenDue = TimeSpan.MaxValue },
            Waiting(3, prompt: 100, due: 5) with { Phase = RequestPhase.Running, AdmissionOrder = 0, GeneratedTokens = 1, ComputedTokens = 100, FirstTokenAt = Now },
        ];

        Assert.Equal([-1, 0, -1, -1], Plan(new SeatsAnnealer(), requests));
    }

    [Fact]
    public void Plan_MoreThanTheWindow_TakesTheFirstByTheRule()
    {
        RequestView[] requests = [.. Enumerable.Range(0, 30).Select(id => Waiting(id, prompt: 1_000 - 10 * id, due: 50))];
        int[] plan = Plan(new SeatsAnnealer(window: 8), requests);

        Assert.Equal(Enumerable.Range(22, 8), Enumerable.Range(0, 30).Where(id => plan[id] >= 0));
        Assert.Equal(Enumerable.Range(0, 8), plan.Where(place => place >= 0).Order());
    }

    [Theory]
    [InlineData(SeatsObjective.DiscountedMet)]
    [InlineData(SeatsObjective.MetPerLatency)]
    public void Plan_EqualSnapshots_AreEqualWhateverWasPlannedBefore(SeatsObjective objective)
    {
        var used = new SeatsAnnealer(objective);
        for (int seed = 0; seed < 5; seed++)
        {
            RequestView[] requests = Mixed(seed, 80);
            Assert.Equal(Plan(new SeatsAnnealer(objective), requests), Plan(used, requests));
        }
    }

    [Fact]
    public void Plan_Cancelled_Throws() =>
        Assert.Throws<OperationCanceledException>(() => Plan(new SeatsAnnealer(), Mixed(1, 20), new CancellationToken(canceled: true)));

    [Fact]
    public void Plan_NothingWaits_PlansNothing() => Assert.Empty(Plan(new SeatsAnnealer(), []));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void SeatsAnnealer_NumberBelowOne_Throws(int evaluations, int window) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeatsAnnealer(SeatsObjective.DiscountedMet, evaluations, window));

    internal static RequestView[] Mixed(int seed, int count)
    {
        var random = new MoveRandom((ulong)seed);
        var requests = new RequestView[count];
        for (int i = 0; i < count; i++)
        {
            requests[i] = Waiting(i, 10 + random.NextBelow(3_000), 10 * random.NextUnit()) with { Length = new LengthEstimate(1 + random.NextBelow(300), 0.5f) };
            if (random.NextBelow(2) == 0)
                requests[i] = requests[i] with { Deadline = requests[i].FirstTokenDue + TimeSpan.FromSeconds(5), FirstTokenDue = TimeSpan.MaxValue };
            if (random.NextBelow(8) == 0)
                requests[i] = requests[i] with { Phase = RequestPhase.Running, GeneratedTokens = 2, ComputedTokens = requests[i].PromptTokens + 1, FirstTokenAt = Now };
        }

        return requests;
    }

    internal static SchedulingSnapshot Snapshot(RequestView[] requests) => new()
    {
        Requests = requests,
        Now = Now,
        Limits = new BatchLimits(2_048, 64),
        Work = Work,
        Seed = 11,
    };

    private static int[] Plan(SeatsAnnealer annealer, RequestView[] requests, CancellationToken cancellationToken = default)
    {
        int[] positions = new int[requests.Length];
        Array.Fill(positions, -1);
        annealer.Plan(Snapshot(requests), positions, cancellationToken);
        return positions;
    }

    private static int PlaceUnderTheRule(RequestView[] requests, int index)
    {
        var keys = new PriorityKey[requests.Length];
        new ApparentTardinessCost().Prioritize(Snapshot(requests), keys);
        return keys.Count(key => key.CompareTo(keys[index]) < 0);
    }

    private static RequestView Waiting(long id, int prompt, double due) => new()
    {
        Id = new RequestId(id),
        ArrivedAt = Now - TimeSpan.FromSeconds(0.5),
        LastScheduledAt = Now - TimeSpan.FromSeconds(0.5),
        PromptTokens = prompt,
        MaxOutputTokens = 400,
        Length = new LengthEstimate(20, 0),
        FirstTokenDue = Now + TimeSpan.FromSeconds(due),
    };
}
