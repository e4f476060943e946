using System.Reflection;

namespace LlmScheduling.Tests;

/// <summary>An observer that writes down everything a policy could see, every plan and every end: two runs with equal transcripts had equal states.</summary>
internal sealed class Transcript : ISchedulingObserver
{
    private static readonly PropertyInfo[] ViewProperties = typeof(RequestView).GetProperties();

    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Checks that a misuse leaves no trace: a run disturbed by it goes on exactly as one that is not.</summary>
    public static void IsUnchangedBy(Func<ISchedulingObserver, EngineRig> start, Action<EngineRig> misuse) =>
        Assert.Equal(Of(start, _ => { }), Of(start, misuse));

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
        _lines.Add($"now {snapshot.Now} kv {snapshot.Kv} processed {snapshot.ProcessedTokens} admissions {snapshot.Admissions} seed {snapshot.Seed}");
        foreach (RequestView view in snapshot.Requests)
            _lines.Add(string.Join(' ', ViewProperties.Select(property => property.GetValue(view))));
        foreach (TenantUsage tenant in snapshot.Tenants)
            _lines.Add(tenant.ToString());
        _lines.Add($"step {plan.Step} {EngineRig.TextOf(plan)} {plan.Shape} {plan.PolicyFault?.Message}");
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration) => _lines.Add($"{shape} took {duration}");

    public void OnRequestEnded(in EndedRequest request) =>
        _lines.Add($"{request.Id} {request.Outcome} {request.Finish} {request.ArrivedAt} {request.AdmittedAt} {request.FirstTokenAt} {request.EndedAt} {request.GeneratedTokens} {request.Preemptions}");

    private static IReadOnlyList<string> Of(Func<ISchedulingObserver, EngineRig> start, Action<EngineRig> misuse)
    {
        var transcript = new Transcript();
        using EngineRig rig = start(transcript);
        misuse(rig);
        rig.CompleteAll();
        rig.Steps(20);
        return transcript.Lines;
    }
}
