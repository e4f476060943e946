namespace LlmScheduling.Testing;

/// <summary>Makes snapshots smaller and plainer while they stay possible: fewer requests first, then plainer ones, one field at a time.</summary>
internal static class SnapshotShrinker
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    public static IEnumerable<SnapshotCase> Smaller(SnapshotCase snapshot)
    {
        int count = snapshot.Requests.Count;
        for (int part = count / 2; part >= 1; part /= 2)
        {
            for (int from = 0; from + part <= count; from += part)
                yield return snapshot with { Requests = [.. snapshot.Requests.Take(from), .. snapshot.Requests.Skip(from + part)] };
        }

        for (int i = 0; i < count; i++)
        {
            foreach (RequestView plainer in Plainer(snapshot.Requests[i], snapshot.Now))
            {
                RequestView[] requests = [.. snapshot.Requests];
                requests[i] = plainer;
                yield return snapshot with { Requests = requests };
            }
        }

        if (snapshot.Work != default)
            yield return snapshot with { Work = default };
        if (snapshot.Admissions != 0)
            yield return snapshot with { Admissions = 0 };
        if (snapshot.ProcessedTokens != 0 && snapshot.Requests.All(request => request.ProcessedTokensAtArrival == 0))
            yield return snapshot with { ProcessedTokens = 0 };
        if (snapshot.Tenants.Count > 1 && snapshot.Requests.All(request => request.TenantIndex == 0))
            yield return snapshot with { Tenants = [snapshot.Tenants[0] with { NameOrder = 0 }] };
        if (snapshot.Tenants.Count == 1 && snapshot.Tenants[0] != new TenantUsage(0, 1, 0, 0))
            yield return snapshot with { Tenants = [new TenantUsage(0, 1, 0, 0)] };
        if (snapshot.Limits != new BatchLimits(2_048, 64))
            yield return snapshot with { Limits = new BatchLimits(2_048, 64) };
        if (snapshot.Seed != 0)
            yield return snapshot with { Seed = 0 };
        if (snapshot.Now > OneSecond && snapshot.Requests.All(request => request.LastScheduledAt <= OneSecond && request.ArrivedAt <= OneSecond))
            yield return snapshot with { Now = OneSecond };
    }

    private static IEnumerable<RequestView> Plainer(RequestView request, TimeSpan now)
    {
        if (request.Phase != RequestPhase.Waiting)
        {
            yield return request with
            {
                Phase = RequestPhase.Waiting,
                ComputedTokens = 0,
                GeneratedTokens = 0,
                FirstTokenAt = TimeSpan.MaxValue,
                LastScheduledAt = request.ArrivedAt,
                AdmissionOrder = -1,
            };
        }

        if (request.PromptTokens > 1)
        {
            foreach (int fewer in new[] { 1, request.PromptTokens / 2 })
                yield return request with { PromptTokens = fewer, ComputedTokens = request.ComputedTokens == 0 ? 0 : Math.Max(0, fewer + request.GeneratedTokens - 1) };
        }

        if (request.MaxOutputTokens > 1 && request.GeneratedTokens == 0)
            yield return request with { MaxOutputTokens = 1 };
        if (request.Priority != 0)
            yield return request with { Priority = 0 };
        if (request.TenantIndex != 0)
            yield return request with { TenantIndex = 0 };
        if (request.TrafficClassIndex != 0)
            yield return request with { TrafficClassIndex = 0 };
        if (request.FirstTokenDue != TimeSpan.MaxValue)
            yield return request with { FirstTokenDue = TimeSpan.MaxValue };
        if (request.TokenInterval != TimeSpan.MaxValue)
            yield return request with { TokenInterval = TimeSpan.MaxValue };
        if (request.Deadline != TimeSpan.MaxValue)
            yield return request with { Deadline = TimeSpan.MaxValue };
        if (request.ProcessedTokensAtArrival != 0)
            yield return request with { ProcessedTokensAtArrival = 0 };
        if (request.Length != default)
            yield return request with { Length = default };
        if (request.Length.Median > 1)
        {
            yield return request with { Length = new LengthEstimate(1, 0) };
            yield return request with { Length = new LengthEstimate(MathF.Floor(request.Length.Median / 2), 0) };
        }

        if (request.IsRanked)
            yield return request with { RankScore = float.NaN };
        if (request.PlannedPosition >= 0)
            yield return request with { PlannedPosition = -1 };
        if (request.ArrivedAt > TimeSpan.Zero && request.Phase == RequestPhase.Waiting && request.ArrivedAt <= now)
            yield return request with { ArrivedAt = TimeSpan.Zero, LastScheduledAt = TimeSpan.Zero };
    }
}
