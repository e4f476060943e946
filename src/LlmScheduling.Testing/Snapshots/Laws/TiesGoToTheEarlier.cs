namespace LlmScheduling.Testing;

internal sealed class TiesGoToTheEarlier() : SnapshotLaw("TwinsKeepTheirOrder", "Of two waiting requests that differ in nothing but their id, the earlier id is not behind.")
{
    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        long next = snapshot.Requests.Count == 0 ? 0 : snapshot.Requests.Max(request => request.Id.Sequence) + 1;
        foreach (RequestView request in snapshot.Requests)
        {
            if (request.Phase == RequestPhase.Running)
                continue;
            SnapshotCase withTwin = snapshot with { Requests = [request with { Id = new RequestId(next) }, .. snapshot.Requests] };
            Decision decision = DecisionOf(withTwin, policy);
            if (decision.PlaceOf(next) < decision.PlaceOf(request.Id.Sequence))
                return $"Request {next}, a twin of {request.Id.Sequence} that came later, goes before it: {decision}.";
        }

        return null;
    }
}
