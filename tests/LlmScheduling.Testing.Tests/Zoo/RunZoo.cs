using LlmScheduling.Simulation;

namespace LlmScheduling.Testing.Tests;

/// <summary>Policies and schedulers that are wrong only over a whole run.</summary>
internal static class RunZoo
{
    private static int s_plans;

    public static IEnumerable<Specimen> All =>
    [
        Specimen.Run("never lets long prompts run", "EveryRequestEndsOnce", (in s, i) => s.Requests[i].PromptTokens > 60 ? PriorityKey.Hold : new(0, s.Requests[i].ArrivedAt.Ticks)),
        Specimen.Run("serves inverted weights", "ServiceIsMonotoneInPriority", (in s, i) => new(0, -s.Requests[i].Priority), new PolicyPromises { ServiceIsMonotoneInPriority = true }),
        Specimen.Run("starves the oldest", "WaitIsBounded", (in s, i) => new(0, -s.Requests[i].ArrivedAt.Ticks), new PolicyPromises { MaxPassedAfterWait = 1, WaitBeforeBound = TimeSpan.FromMilliseconds(60) }),
        Specimen.Run("favours one tenant", "ServiceGapIsBounded", (in s, i) => new(s.Tenants[s.Requests[i].TenantIndex].NameOrder, s.Requests[i].ArrivedAt.Ticks), Fair),
        Specimen.Stack("counts requests and not tokens", "ServiceGapIsBounded", _ => new("turns", new TenantRoundRobin()), Fair),
        Specimen.Stack("pays a tenant for its absence", "ServiceGapIsBounded", _ => new("pays", new PaysForAbsence()), Fair),
        Specimen.Run("fails on preempted requests", "PolicyIsFollowed", (in s, i) => FailsOn(s.Requests[i])),
        Specimen.Run("idles now and then", "NeverIdleWhileOneWaits", (in s, i) => (s.Now.Ticks / TimeSpan.TicksPerMillisecond / 10) % 3 == 0 ? PriorityKey.Hold : new(0, s.Requests[i].ArrivedAt.Ticks), new PolicyPromises { IsWorkConserving = true }),
        Specimen.Run("waits for company", "LowLoadIsNoMatter", (in s, i) => s.Now - s.Requests[i].ArrivedAt < TimeSpan.FromMilliseconds(40) ? PriorityKey.Hold : new(0, s.Requests[i].ArrivedAt.Ticks)),
        Specimen.Run("remembers other runs", "SameRunTwice", (in s, i) => new(0, (s.Requests[i].Id.Sequence * 31 + Interlocked.Increment(ref s_plans) / 64) % 7)),
        Specimen.Run("draws shared randomness over a run", "LogReplaysExactly", (in s, i) => new(0, Random.Shared.NextDouble())),
        Specimen.Stack("reads the true length", "TrueLengthIsNotRead", run => new("cheat", new BrokenPolicy((in s, i) => new(0, run.Requests[(int)s.Requests[i].Id.Sequence].OutputTokens)))),
        Scheduler("exceeds the token budget by one", "BudgetsHold", options => options.MaxBatchTokens++),
        Scheduler("exceeds the seats by one", "BudgetsHold", options => options.MaxSequences++),
        Scheduler("counts KV blocks too large", "BudgetsHold", options => options.KvBlockTokens = 20),
        Scheduler("accepts what can never fit", "UnservableIsRefused", options => options.KvTotalBlocks += 40),
        Scheduler("leaks a cancelled request's blocks", "CancelFreesWhatWasHeld", null, inner => new LeaksCancels(inner)),
        Scheduler("ignores cancels", "CancelFreesWhatWasHeld", null, inner => new IgnoresCancels(inner)),
        Scheduler("loses every fifth request", "EveryRequestEndsOnce", null, inner => new LosesRequests(inner)),
        Scheduler("repeats the last grant", "LifeCycleGoesForward", null, inner => new RepeatsGrants(inner)),
    ];

    private static PriorityKey FailsOn(RequestView request) =>
        request.Phase == RequestPhase.Preempted ? throw new InvalidOperationException("Preempted?") : new(0, request.PromptTokens);

    private static PolicyPromises Fair { get; } = new() { MaxServiceGap = Subjects.FairnessGap };

    private static Specimen Scheduler(string name, string law, Action<BatchSchedulerOptions>? change, Func<IRunSubject, IRunSubject>? wrap = null) =>
        Specimen.Scheduler(name, law, (run, clock, log) =>
        {
            var real = new SchedulerSubject(_ => SchedulingStacks.Fcfs, run, clock, log, change);
            return wrap?.Invoke(real) ?? real;
        });

    private sealed class PaysForAbsence : ISchedulingPolicy
    {
        private readonly int[] _seatSteps = new int[8];

        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            foreach (RequestView request in snapshot.Requests)
                _seatSteps[request.TenantIndex] += request.Phase == RequestPhase.Running ? 1 : 0;
            for (int i = 0; i < keys.Length; i++)
                keys[i] = snapshot.Requests[i].Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, _seatSteps[snapshot.Requests[i].TenantIndex]);
        }
    }

    private abstract class Wrapped(IRunSubject inner) : IRunSubject
    {
        public virtual RequestTicket Enqueue(InferenceRequest request) => inner.Enqueue(request);

        public virtual void Cancel(RequestId id) => inner.Cancel(id);

        public virtual PlannedStep Plan() => inner.Plan();

        public virtual void Complete(long step, TimeSpan duration, ReadOnlySpan<RequestProgress> progress) => inner.Complete(step, duration, progress);

        public virtual DecisionReplayResult Replay(Stream log) => inner.Replay(log);

        public virtual void Dispose() => inner.Dispose();
    }

    private sealed class LeaksCancels(IRunSubject inner) : Wrapped(inner)
    {
        public override PlannedStep Plan() => base.Plan() with { Released = [] };
    }

    private sealed class IgnoresCancels(IRunSubject inner) : Wrapped(inner)
    {
        public override void Cancel(RequestId id)
        {
        }
    }

    private sealed class LosesRequests(IRunSubject inner) : Wrapped(inner)
    {
        private readonly BatchScheduler _nowhere = new(new SchedulingStack("fcfs", new FirstComeFirstServed()), services: new SchedulerServices { TimeProvider = new SimulatedClock() });
        private int _count;

        public override RequestTicket Enqueue(InferenceRequest request) => ++_count % 5 == 0 ? _nowhere.Enqueue(request) : base.Enqueue(request);
    }

    private sealed class RepeatsGrants(IRunSubject inner) : Wrapped(inner)
    {
        private PlannedStep? _last;

        public override PlannedStep Plan()
        {
            PlannedStep plan = base.Plan();
            PlannedStep tampered = _last is { Work.Count: > 0 } && plan.Work.Count > 0 ? plan with { Work = [.. plan.Work, _last.Work[^1]] } : plan;
            _last = plan;
            return tampered;
        }

        public override void Complete(long step, TimeSpan duration, ReadOnlySpan<RequestProgress> progress) =>
            base.Complete(step, duration, progress[..^(progress.Length > 1 ? 1 : 0)]);
    }
}
