using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>One exact replay in progress: what the log says the scheduler was told is told again, what it decided is compared.</summary>
internal sealed class DecisionReplayRun(Func<string, ISchedulingPolicy> policyByName, ILatencyModel? latency, ISchedulingPolicy? victimPolicy, string source) : ISchedulingObserver, IDisposable
{
    private readonly SimulatedClock _clock = new();
    private readonly Queue<DecisionLogEntry> _expected = new();
    private readonly Queue<EndedRequest> _ended = new();
    private BatchScheduler? _scheduler;
    private long _step;
    private long _plans;
    private long _outcomes;

    /// <summary>The entries, as long as none is missing.</summary>
    public static IEnumerable<DecisionLogEntry> Whole(IEnumerable<DecisionLogEntry> entries, string source)
    {
        long number = 0;
        foreach (DecisionLogEntry entry in entries)
        {
            if (entry.Number != number + 1)
            {
                throw new InputException(source, entry.Line, "n", entry.Number.ToString(CultureInfo.InvariantCulture),
                    string.Create(CultureInfo.InvariantCulture, $"number {number + 1}; {entry.Number - number - 1} line(s) before this one were dropped, and a replay needs every line"));
            }

            number = entry.Number;
            yield return entry;
        }

        if (number == 0)
            throw new InputException(source, null, null, "an empty file", "a decision log, which begins with a header");
    }

    public DecisionReplayResult ToEnd(IEnumerable<DecisionLogEntry> entries)
    {
        bool isComplete = false;
        DecisionLogEntry? last = null;
        foreach (DecisionLogEntry entry in Whole(entries, source))
        {
            last = entry;
            isComplete = entry.Kind == DecisionKind.End;
            string? difference;
            try
            {
                difference = Take(entry) ?? Settle();
            }
            catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
            {
                throw new InputException(source, entry.Line, null, entry.Kind.ToString(), $"what a scheduler can be told there ({fault.Message})");
            }

            if (difference is not null)
                return new(_plans, _outcomes, isComplete, Placed(entry, difference));
        }

        // A log that was cut off may lack the last plan, or its outcomes.
        string? left = !isComplete ? null
            : _expected.TryPeek(out DecisionLogEntry? missing) ? $"the log ends {Text(missing)}, the replay does not"
            : _ended.TryPeek(out EndedRequest extra) ? $"the replay ends {Text(extra)}, the log does not"
            : null;
        return new(_plans, _outcomes, isComplete, left is null ? null : Placed(last!, left));
    }

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request) => _ended.Enqueue(request);

    public void Dispose() => _scheduler?.Dispose();

    /// <summary>Tells the scheduler what the entry says; returns how its answer differs, null when it does not.</summary>
    private string? Take(DecisionLogEntry entry)
    {
        if (entry.Kind == DecisionKind.Header)
        {
            Begin(entry);
            return null;
        }

        BatchScheduler scheduler = _scheduler!;
        switch (entry.Kind)
        {
            case DecisionKind.Arrival:
                scheduler.Restore(new LiveRequest(new RequestTicket(entry.Id!.Value, entry.Request!), entry.Targets!.Value, entry.At!.Value, entry.ProcessedTokens));
                return null;
            case DecisionKind.Cancel:
                scheduler.Cancel(entry.Id!.Value);
                return null;
            case DecisionKind.CachedPrefix:
                scheduler.ReportCachedPrefix(entry.Id!.Value, entry.CachedPrefixTokens);
                return null;
            case DecisionKind.Score:
                scheduler.Post(entry.Replaces ? InboxMessage.RankedAnew(entry.Id!.Value, entry.Score, entry.Length) : InboxMessage.Ranked(entry.Id!.Value, entry.Score, entry.Length));
                return null;
            case DecisionKind.Stack:
                scheduler.Stack = StackOf(entry);
                return null;
            case DecisionKind.Plan:
                _clock.MoveTo(entry.At!.Value);
                if (entry.Places is { } places)
                    scheduler.Post(InboxMessage.Planned(new QueuePlan(places)));
                return Compare(entry, scheduler.PlanStep(entry.FreeKvBlocks ?? int.MaxValue));
            case DecisionKind.Completion:
                _clock.MoveTo(entry.At!.Value);
                scheduler.CompleteStep(new StepResult { Step = entry.Step, Duration = entry.Duration, Progress = [.. entry.Progress] });
                return null;
            case DecisionKind.Stop:
                _clock.MoveTo(entry.At!.Value);
                scheduler.Dispose();
                return null;
            case DecisionKind.Outcome:
                _expected.Enqueue(entry);
                return null;
            default:
                return null;
        }
    }

    private void Begin(DecisionLogEntry header)
    {
        Require(header, "latencyModel", header.LatencyModel, latency?.GetType().Name);
        Require(header, "victimPolicy", header.VictimPolicy, victimPolicy?.GetType().Name);
        _scheduler = new BatchScheduler(StackOf(header), header.Options, new SchedulerServices
        {
            Latency = latency,
            VictimPolicy = victimPolicy,
            TimeProvider = _clock,
            Observers = [this],
        });
    }

    private void Require(DecisionLogEntry header, string field, string? recorded, string? given)
    {
        if (recorded != given)
            throw new InputException(source, header.Line, field, recorded ?? "none", $"{given ?? "none"}, which was given to the replay");
    }

    private SchedulingStack StackOf(DecisionLogEntry entry) => new(entry.StackName!, policyByName(entry.StackName!)) { Allocation = entry.Allocation! };

    private string? Compare(DecisionLogEntry expected, BatchPlan plan)
    {
        _step = plan.IsEmpty ? _step : plan.Step;
        LoggedGrant[] work = [.. plan.Work.ToArray().Select(one => new LoggedGrant(one.Id, one.Tokens))];
        RequestId[] preempted = [.. plan.Preempted.ToArray().Select(one => one.Id)];
        RequestId[] released = [.. plan.Released.ToArray().Select(one => one.Id)];
        string? difference = expected.Step != plan.Step ? $"the log plans step {expected.Step}, the replay step {plan.Step}"
            : Different("grants", expected.Work, work, one => $"{one.Id.Sequence}:{one.Tokens}")
            ?? Different("preempts", expected.Preempted, preempted, id => $"{id.Sequence}")
            ?? Different("releases", expected.Released, released, id => $"{id.Sequence}")
            ?? (expected.PolicyFault is null == plan.PolicyFault is null ? null
                : $"the log has {expected.PolicyFault ?? "no policy fault"}, the replay {plan.PolicyFault?.Message ?? "none"}");
        if (difference is null)
            _plans++;
        return difference;
    }

    private static string? Different<T>(string verb, IReadOnlyList<T> expected, T[] found, Func<T, string> text)
    {
        if (expected.SequenceEqual(found))
            return null;
        int at = 0;
        while (at < expected.Count && at < found.Length && Equals(expected[at], found[at]))
            at++;
        return $"at place {at + 1} the log {verb} {(at < expected.Count ? text(expected[at]) : "no more")}, the replay {(at < found.Length ? text(found[at]) : "no more")}";
    }

    /// <summary>Compares outcomes in the order in which they came.</summary>
    private string? Settle()
    {
        while (_expected.Count > 0 && _ended.Count > 0)
        {
            DecisionLogEntry expected = _expected.Dequeue();
            EndedRequest ended = _ended.Dequeue();
            if (Text(expected) != Text(ended))
                return $"the log ends {Text(expected)}, the replay {Text(ended)}";
            _outcomes++;
        }

        return null;
    }

    private static string Text(DecisionLogEntry entry) => Text(entry.Id!.Value, entry.Outcome!.Value, entry.At!.Value, entry.AdmittedAt, entry.FirstTokenAt, entry.GeneratedTokens, entry.Preemptions);

    private static string Text(in EndedRequest ended) => Text(
        ended.Id, ended.Outcome, ended.EndedAt,
        ended.AdmittedAt == TimeSpan.MaxValue ? null : ended.AdmittedAt, ended.FirstTokenAt == TimeSpan.MaxValue ? null : ended.FirstTokenAt,
        ended.GeneratedTokens, ended.Preemptions);

    private static string Text(RequestId id, RequestOutcome outcome, TimeSpan at, TimeSpan? admittedAt, TimeSpan? firstTokenAt, int generated, int preemptions) =>
        $"request {id.Sequence} as {OutcomeName.Of(outcome)} at {at} (admitted {admittedAt?.ToString() ?? "never"}, first token {firstTokenAt?.ToString() ?? "never"}, {generated} tokens, {preemptions} preemptions)";

    private string Placed(DecisionLogEntry entry, string difference) =>
        string.Create(CultureInfo.InvariantCulture, $"{source}:{entry.Line}: step {(entry.Step > 0 ? entry.Step : _step)}: {difference}");
}
