using System.Globalization;
using System.Text;

namespace LlmScheduling.Testing;

/// <summary>Writes cases as C# that can be pasted into a test; values that a fresh object has anyway are left out.</summary>
internal static class CSharpText
{
    public static string Of(SnapshotCase snapshot)
    {
        var text = new StringBuilder("new SnapshotCase\n{\n");
        text.Append(CultureInfo.InvariantCulture, $"    Now = {Time(snapshot.Now)},\n");
        text.Append("    Requests =\n    [\n");
        foreach (RequestView request in snapshot.Requests)
            text.Append(CultureInfo.InvariantCulture, $"        {Of(request)},\n");
        text.Append("    ],\n");
        if (snapshot.Tenants.Count != 1 || snapshot.Tenants[0] != new TenantUsage(0, 1, 0, 0))
            text.Append(CultureInfo.InvariantCulture, $"    Tenants = [{string.Join(", ", snapshot.Tenants.Select(Of))}],\n");
        if (snapshot.Limits != new BatchLimits(2_048, 64))
            text.Append(CultureInfo.InvariantCulture, $"    Limits = new({snapshot.Limits.MaxBatchTokens}, {snapshot.Limits.MaxSequences}),\n");
        if (snapshot.Work != default)
            text.Append(CultureInfo.InvariantCulture, $"    Work = new({Number(snapshot.Work.Step)}, {Number(snapshot.Work.PrefillToken)}, {Number(snapshot.Work.DecodeSequence)}, {Number(snapshot.Work.ContextToken)}, {Number(snapshot.Work.TokenBoundShare)}),\n");
        if (snapshot.ProcessedTokens != 0)
            text.Append(CultureInfo.InvariantCulture, $"    ProcessedTokens = {snapshot.ProcessedTokens},\n");
        if (snapshot.Admissions != 0)
            text.Append(CultureInfo.InvariantCulture, $"    Admissions = {snapshot.Admissions},\n");
        if (snapshot.Seed != 0)
            text.Append(CultureInfo.InvariantCulture, $"    Seed = {snapshot.Seed}UL,\n");
        return text.Append('}').ToString();
    }

    public static string Of(RequestView view)
    {
        var parts = new List<string> { $"Id = new({view.Id.Sequence})" };
        void Add(bool isSet, FormattableString part)
        {
            if (isSet)
                parts.Add(part.ToString(CultureInfo.InvariantCulture));
        }

        Add(view.Phase != RequestPhase.Waiting, $"Phase = RequestPhase.{view.Phase}");
        Add(true, $"ArrivedAt = {Time(view.ArrivedAt)}");
        Add(view.LastScheduledAt != default, $"LastScheduledAt = {Time(view.LastScheduledAt)}");
        Add(true, $"PromptTokens = {view.PromptTokens}");
        Add(true, $"MaxOutputTokens = {view.MaxOutputTokens}");
        Add(view.ComputedTokens != 0, $"ComputedTokens = {view.ComputedTokens}");
        Add(view.GeneratedTokens != 0, $"GeneratedTokens = {view.GeneratedTokens}");
        Add(view.CachedPrefixTokens != 0, $"CachedPrefixTokens = {view.CachedPrefixTokens}");
        Add(view.Priority != 0, $"Priority = {view.Priority}");
        Add(view.TenantIndex != 0, $"TenantIndex = {view.TenantIndex}");
        Add(view.TrafficClassIndex != 0, $"TrafficClassIndex = {view.TrafficClassIndex}");
        Add(view.FirstTokenAt != TimeSpan.MaxValue, $"FirstTokenAt = {Time(view.FirstTokenAt)}");
        Add(view.FirstTokenDue != TimeSpan.MaxValue, $"FirstTokenDue = {Time(view.FirstTokenDue)}");
        Add(view.TokenInterval != TimeSpan.MaxValue, $"TokenInterval = {Time(view.TokenInterval)}");
        Add(view.Deadline != TimeSpan.MaxValue, $"Deadline = {Time(view.Deadline)}");
        Add(view.ProcessedTokensAtArrival != 0, $"ProcessedTokensAtArrival = {view.ProcessedTokensAtArrival}");
        Add(view.Length != default, $"Length = new({Number(view.Length.Median)}, {Number(view.Length.LogSpread)})");
        Add(view.IsRanked, $"RankScore = {Number(view.RankScore)}");
        Add(view.PlannedPosition >= 0, $"PlannedPosition = {view.PlannedPosition}");
        Add(view.AdmissionOrder >= 0, $"AdmissionOrder = {view.AdmissionOrder}");
        return $"new() {{ {string.Join(", ", parts)} }}";
    }

    private static string Of(TenantUsage usage) =>
        string.Create(CultureInfo.InvariantCulture, $"new({Number(usage.ServedCost)}, {Number(usage.Weight)}, {usage.NameOrder}, {usage.LastAdmission})");

    private static string Time(TimeSpan time) =>
        time == TimeSpan.MaxValue ? "TimeSpan.MaxValue"
        : time == TimeSpan.MinValue ? "TimeSpan.MinValue"
        : time == TimeSpan.Zero ? "TimeSpan.Zero"
        : time.Ticks % TimeSpan.TicksPerSecond == 0 ? string.Create(CultureInfo.InvariantCulture, $"TimeSpan.FromSeconds({time.Ticks / TimeSpan.TicksPerSecond})")
        : time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? string.Create(CultureInfo.InvariantCulture, $"TimeSpan.FromMilliseconds({time.Ticks / TimeSpan.TicksPerMillisecond})")
        : string.Create(CultureInfo.InvariantCulture, $"new TimeSpan({time.Ticks})");

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Number(float value) =>
        float.IsPositiveInfinity(value) ? "float.PositiveInfinity"
        : float.IsNegativeInfinity(value) ? "float.NegativeInfinity"
        : value.ToString("R", CultureInfo.InvariantCulture) + "f";
}
