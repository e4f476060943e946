namespace LlmScheduling.Tests;

/// <summary>An observer that follows every request and fails when one goes backwards, is in two places, or ends in a way that its past forbids.</summary>
internal sealed class LifeCycle : ISchedulingObserver
{
    private static readonly RequestOutcome[] BeforeAdmissionOnly = [RequestOutcome.QueueFull, RequestOutcome.TimedOutInQueue, RequestOutcome.Displaced, RequestOutcome.Unattainable];
    private static readonly RequestOutcome[] AfterAdmissionOnly = [RequestOutcome.Completed, RequestOutcome.Failed];

    private readonly Dictionary<long, RequestView> _live = [];
    private readonly HashSet<long> _ended = [];

    /// <summary>What an observer must not throw itself: the scheduler would swallow it.</summary>
    public List<string> Violations { get; } = [];

    public int Ended => _ended.Count;

    public int Running { get; private set; }

    public long Preemptions { get; private set; }

    public bool IsRunning(RequestId id) => _live.TryGetValue(id.Sequence, out RequestView view) && view.Phase == RequestPhase.Running;

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
        var seen = new HashSet<long>();
        var places = new HashSet<int>();
        Running = 0;
        foreach (ref readonly RequestView view in snapshot.Requests)
        {
            long id = view.Id.Sequence;
            Check(seen.Add(id), $"{id} is in the table twice");
            Check(!_ended.Contains(id), $"{id} has ended and is in the table");
            Check(view.ComputedTokens >= 0 && view.GeneratedTokens >= 0 && view.GeneratedTokens <= view.MaxOutputTokens, $"{id} has counts that cannot be");
            Check(view.Phase == RequestPhase.Running || view.ComputedTokens == 0, $"{id} waits and holds computed tokens");
            Check((view.Phase == RequestPhase.Running) == (view.AdmissionOrder >= 0), $"{id} has a place without running, or runs without one");
            if (view.Phase == RequestPhase.Running)
            {
                Running++;
                Check(places.Add(view.AdmissionOrder), $"{id} shares its place with another");
            }

            if (_live.TryGetValue(id, out RequestView before))
            {
                Check(view.Phase != RequestPhase.Waiting || before.Phase == RequestPhase.Waiting, $"{id} was admitted and was never admitted");
                Check(view.Phase != RequestPhase.Preempted || before.Phase != RequestPhase.Waiting || Contains(plan.Preempted, id), $"{id} was preempted and never ran");
                Check(view.GeneratedTokens >= before.GeneratedTokens, $"{id} lost generated tokens");
                Check(view.ArrivedAt == before.ArrivedAt, $"{id} arrived twice");
                Check(view.ComputedTokens >= before.ComputedTokens || Contains(plan.Preempted, id) || before.Phase == RequestPhase.Preempted, $"{id} lost computed tokens without a preemption");
            }

            _live[id] = view;
        }

        Check(places.Count == 0 || places.Max() == places.Count - 1, "the running list has holes");
        foreach (long id in _live.Keys.Except(seen).ToArray())
        {
            Check(_ended.Contains(id), $"{id} has left without ending");
            _live.Remove(id);
        }

        Preemptions += plan.Preempted.Length;
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        Check(_ended.Add(request.Id.Sequence), $"{request.Id.Sequence} has ended twice");
        bool wasAdmitted = request.AdmittedAt != TimeSpan.MaxValue;
        Check(!wasAdmitted || !BeforeAdmissionOnly.Contains(request.Outcome), $"{request.Id.Sequence} was admitted and ended as {request.Outcome}");
        Check(wasAdmitted || !AfterAdmissionOnly.Contains(request.Outcome), $"{request.Id.Sequence} was never admitted and ended as {request.Outcome}");
        Check(request.GeneratedTokens > 0 == (request.FirstTokenAt != TimeSpan.MaxValue), $"{request.Id.Sequence} has a first token and none");
    }

    private static bool Contains(ReadOnlySpan<RequestHandle> handles, long id)
    {
        foreach (RequestHandle handle in handles)
        {
            if (handle.Id.Sequence == id)
                return true;
        }

        return false;
    }

    private void Check(bool holds, string violation)
    {
        if (!holds)
            Violations.Add(violation);
    }
}
