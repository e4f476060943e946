namespace LlmScheduling.Tests.Admission;

public class PolicyTests
{
    [Fact]
    public async Task Prioritize_Holds_WaitsAndIsAskedAgainEveryFiveMilliseconds()
    {
        var asked = new List<TimeSpan>();
        var policy = new Asked((in SchedulingSnapshot snapshot) => asked.Add(snapshot.Now), (in RequestView _, in SchedulingSnapshot snapshot) =>
            snapshot.Now < TimeSpan.FromMilliseconds(12) ? PriorityKey.Hold : new(0, 0));
        using var rig = new GateRig(policy: policy);
        Task<AdmissionLease> held = rig.Wait();

        rig.Advance(20);

        Assert.True((await GateRig.Soon(held)).IsAcquired);
        Assert.Equal([0, 5, 10, 15], asked.Select(at => at.TotalMilliseconds));
        Assert.Equal(0, rig.Clock.PendingTimers);
    }

    [Fact]
    public async Task Prioritize_Refuses_IsUnattainable()
    {
        var policy = new KeyedBy((in RequestView request) => request.Phase != RequestPhase.Running && request.Priority > 0 ? PriorityKey.Refuse : new(0, 0));
        using var rig = new GateRig(policy: policy);
        AdmissionLease held = rig.Seat();

        AdmissionLease refused = await rig.Gate.AcquireAsync(GateRig.Request(priority: 1));

        Assert.Equal(RequestOutcome.Unattainable, refused.Refusal);
        Assert.Equal(RequestOutcome.Unattainable, Assert.Single(rig.Ended).Outcome);
        held.Dispose();
        rig.Seat();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prioritize_ThrowsOrAnswersNaN_CostsADecisionOfFirstComeFirstServed(bool throws)
    {
        bool isFaulty = true;
        var policy = new KeyedBy((in RequestView request) => !isFaulty ? new(0, request.Priority)
            : throws ? throw new InvalidOperationException("broken") : new(0, request.Priority == 1 ? double.NaN : -request.Priority));
        using var rig = new GateRig(policy: policy);
        AdmissionLease held = rig.Seat();
        Task<AdmissionLease> first = rig.Wait(GateRig.Request(priority: 3));
        Task<AdmissionLease> last = rig.Wait(GateRig.Request(priority: 2));
        Task<AdmissionLease> urgent = rig.Wait(GateRig.Request(priority: 1));
        long faults = rig.Gate.PolicyFaults;

        held.Dispose();
        held = await GateRig.Soon(first);
        Assert.Equal(faults + 1, rig.Gate.PolicyFaults);

        isFaulty = false;
        held.Dispose();
        held = await GateRig.Soon(urgent);
        held.Dispose();
        Assert.True((await GateRig.Soon(last)).IsAcquired);
        Assert.Equal(faults + 1, rig.Gate.PolicyFaults);
    }

    [Fact]
    public async Task Policy_Swapped_DecidesAtOnce()
    {
        using var rig = new GateRig(policy: new KeyedBy((in RequestView _) => PriorityKey.Hold));
        Task<AdmissionLease> held = rig.Wait();
        var policy = new FirstComeFirstServed();

        rig.Gate.Policy = policy;

        Assert.True((await GateRig.Soon(held)).IsAcquired);
        Assert.Same(policy, rig.Gate.Policy);
        Assert.Throws<ArgumentNullException>(() => rig.Gate.Policy = null!);
    }

    [Fact]
    public async Task Prioritize_Snapshot_ShowsSeatsTokensAndWhoRuns()
    {
        (BatchLimits Limits, KvBudget Kv, RequestPhase[] Phases, long Processed, long Admissions) seen = default;
        var policy = new Asked(
            (in SchedulingSnapshot snapshot) => seen = (snapshot.Limits, snapshot.Kv, Phases(snapshot.Requests), snapshot.ProcessedTokens, snapshot.Admissions),
            (in RequestView _, in SchedulingSnapshot _) => new(0, 0));
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, Instances = 2, MaxTokens = 100 }, policy);
        AdmissionLease running = rig.Seat(GateRig.Request(prompt: 30, output: 20));
        rig.Seat(GateRig.Request(prompt: 10, output: 5));
        running.ReportTokens(7);
        Task<AdmissionLease> waiting = rig.Wait();

        Assert.Equal(new BatchLimits(int.MaxValue, 2), seen.Limits);
        Assert.Equal(new KvBudget(1, 200, 135), seen.Kv);
        Assert.Equal([RequestPhase.Running, RequestPhase.Running, RequestPhase.Waiting], seen.Phases);
        Assert.Equal((47, 2), (seen.Processed, seen.Admissions));
        running.Dispose();
        await GateRig.Soon(waiting);
    }

    [Fact]
    public void Prioritize_AskedByTheTimer_IsNotInTheContextOfWhoMadeTheGate()
    {
        var local = new AsyncLocal<string?> { Value = "whose first request made the gate" };
        string? seen = "nobody's";
        using var rig = new GateRig(
            policy: new KeyedBy((in RequestView request) =>
            {
                seen = local.Value;
                return request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, 0);
            }),
            time: clock => new ContextKeepingTimeProvider(clock));
        local.Value = null;
        rig.Seat();
        rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromMilliseconds(20)));
        rig.Wait();

        rig.Advance(20);

        Assert.Single(rig.Ended);
        Assert.Null(seen);
    }

    private static RequestPhase[] Phases(ReadOnlySpan<RequestView> requests)
    {
        var phases = new RequestPhase[requests.Length];
        for (int i = 0; i < phases.Length; i++)
            phases[i] = requests[i].Phase;
        return phases;
    }

    private sealed class Asked(Asked.Look look, Asked.Key key) : ISchedulingPolicy
    {
        public delegate void Look(in SchedulingSnapshot snapshot);

        public delegate PriorityKey Key(in RequestView request, in SchedulingSnapshot snapshot);

        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            look(snapshot);
            for (int i = 0; i < keys.Length; i++)
                keys[i] = key(snapshot.Requests[i], snapshot);
        }
    }
}
