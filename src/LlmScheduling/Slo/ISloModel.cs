namespace LlmScheduling;

/// <summary>Decides what each request is promised. Attainment is judged against its answer.</summary>
/// <remarks>Asked once per request, on the thread that enqueues it, possibly by many threads at once. Pure: equal requests get equal targets.</remarks>
public interface ISloModel
{
    /// <summary>Returns what <paramref name="request"/> is promised, relative to its arrival.</summary>
    SloTargets TargetsFor(InferenceRequest request);
}
