using System.Runtime.InteropServices;
using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>
/// Drives a scheduler through a run as an engine would, and watches every step: the engine keeps its own books of seats,
/// tokens and KV blocks and never trusts the scheduler's.
/// </summary>
internal sealed class RunDriver
{
    private const int MostIdleLooks = 500;
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(10);

    private readonly RunCase _case;
    private readonly SimulatedClock _clock = new();
    private readonly IRunSubject _subject;
    private readonly RunRequest[] _requests;
    private readonly Dictionary<RequestId, RunRequest> _byId = [];
    private readonly List<PlannedStep> _steps = [];
    private readonly IReadOnlyList<IRunWatch> _watches;
    private int _arrived;
    private string? _violation;
    private string? _stall;

    private RunDriver(RunCase run, RunSubjectFactory subject, DecisionLog? log, IReadOnlyList<IRunWatch> watches)
    {
        _case = run;
        _subject = subject(run, _clock, log);
        _watches = watches;
        _requests = [.. run.Requests.Select((trace, place) => new RunRequest(trace, place))];
    }

    /// <summary>Runs to the end, or to the first thing that a watch finds wrong.</summary>
    public static RecordedRun Run(RunCase run, RunSubjectFactory subject, params IReadOnlyList<IRunWatch> watches)
    {
        var driver = new RunDriver(run, subject, log: null, watches);
        using (driver._subject)
        {
            driver.ToEnd();
            return new RecordedRun(run, driver._requests, driver._steps, driver._violation, driver._stall);
        }
    }

    /// <summary>Runs to the end with a decision log, and replays that; null when everything came out again.</summary>
    public static string? ReplayDifference(RunCase run, RunSubjectFactory subject)
    {
        using var stream = new MemoryStream();
        RunDriver driver;
        using (var log = new DecisionLog(stream, new DecisionLogOptions { LeaveOpen = true, MaxPendingLines = int.MaxValue }))
        {
            driver = new RunDriver(run, subject, log, []);
            using (driver._subject)
                driver.ToEnd();
        }

        stream.Position = 0;
        return driver._subject.Replay(stream).FirstDifference;
    }

    private void ToEnd()
    {
        long most = 200 + 30L * _case.Requests.Sum(request => (long)request.InputTokens / Math.Min(_case.Engine.MaxBatchTokens, _case.Engine.PrefillChunkTokens ?? int.MaxValue) + request.OutputTokens + 2);
        int idle = 0;
        while (true)
        {
            Arrive(_clock.Now, isInclusive: true);
            Cancel();
            PlannedStep plan = _subject.Plan();
            _violation = Watch(plan);
            if (_violation is not null)
                return;
            Take(plan);
            if (plan.Work.Count > 0)
            {
                idle = 0;
                _steps.Add(plan);
                if (_steps.Count > most)
                {
                    _stall = $"After {_steps.Count} steps the run has not drained.";
                    return;
                }

                RunStep(plan);
            }
            else if (_arrived == _requests.Length && _requests.All(request => request.Outcome is not null))
            {
                return;
            }
            else
            {
                RunRequest? waiting = _requests.Take(_arrived).FirstOrDefault(request => request.Outcome is null);
                if (waiting is not null && ++idle > MostIdleLooks)
                {
                    _stall = $"{waiting} has no outcome, and nothing was planned for {MostIdleLooks} looks.";
                    return;
                }

                TimeSpan next = waiting is not null || _arrived == _requests.Length ? _clock.Now + StepTime : _requests[_arrived].Trace.ArrivedAt;
                Arrive(next, isInclusive: false);
                _clock.MoveTo(next);
            }
        }
    }

    private void Arrive(TimeSpan until, bool isInclusive)
    {
        for (; _arrived < _requests.Length; _arrived++)
        {
            RunRequest request = _requests[_arrived];
            TimeSpan at = request.Trace.ArrivedAt;
            if (isInclusive ? at > until : at >= until)
                return;
            if (at > _clock.Now)
                _clock.MoveTo(at);
            request.Ticket = _subject.Enqueue(new InferenceRequest
            {
                PromptTokens = request.Trace.InputTokens,
                MaxOutputTokens = request.Trace.MaxOutputTokens ?? request.Trace.OutputTokens,
                Tenant = request.Trace.Tenant,
                TrafficClass = request.Trace.TrafficClass,
                Priority = request.Trace.Priority,
                Objective = request.Trace.Deadline is { } deadline ? new ServiceLevelObjective { EndToEnd = deadline } : null,
                QueueTimeout = _case.Engine.ExpireAtDeadline ? request.Trace.Deadline : null,
            });
            _byId.TryAdd(request.Ticket.Id, request);
        }
    }

    private void Cancel()
    {
        foreach ((int place, int step) in _case.Cancels)
        {
            RunRequest request = _requests[place];
            if (step != _steps.Count + 1 || request.Ticket is null || request.Outcome is not null || request.IsCancelled)
                continue;
            request.IsCancelled = true;
            _subject.Cancel(request.Ticket.Id);
        }
    }

    private string? Watch(PlannedStep plan)
    {
        foreach (IRunWatch watch in _watches)
        {
            if (watch.ViolationIn(plan, _case, _byId, _clock.Now) is { } violation)
                return $"{violation} ({plan})";
        }

        return null;
    }

    private void Take(PlannedStep plan)
    {
        foreach (RequestId id in plan.Released)
        {
            if (_byId.TryGetValue(id, out RunRequest? request))
                request.IsResident = false;
        }

        foreach (RequestId id in plan.Preempted)
        {
            if (!_byId.TryGetValue(id, out RunRequest? request))
                continue;
            request.IsResident = false;
            request.Computed = 0;
            request.Preemptions++;
        }

        foreach (PlannedWork work in plan.Work)
        {
            if (!_byId.TryGetValue(work.Id, out RunRequest? request))
                continue;
            request.IsResident = true;
            request.FirstAdmittedAt ??= _clock.Now;
        }
    }

    private void RunStep(PlannedStep plan)
    {
        TimeSpan end = _clock.Now + StepTime;
        Arrive(end, isInclusive: false);
        _clock.MoveTo(end);
        var progress = new List<RequestProgress>();
        foreach (PlannedWork work in plan.Work)
        {
            RunRequest request = _byId[work.Id];
            int computed = Math.Min(work.Tokens, request.Left);
            request.Computed += computed;
            bool emits = request.Left == 0;
            if (emits)
            {
                request.Emitted++;
                request.FirstTokenAt ??= end;
            }

            bool isFinished = request.Emitted == request.Trace.OutputTokens;
            if (isFinished)
            {
                request.IsFinished = true;
                request.IsResident = false;
                request.FinishedAt = end;
            }

            progress.Add(new RequestProgress(work.Id, computed, emits ? 1 : 0, isFinished ? FinishReason.Stop : FinishReason.None));
        }

        _subject.Complete(plan.Step, StepTime, CollectionsMarshal.AsSpan(progress));
    }
}
