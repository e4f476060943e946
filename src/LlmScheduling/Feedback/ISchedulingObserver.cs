namespace LlmScheduling;

/// <summary>Watches, never steers.</summary>
/// <remarks>
/// Called on the engine's thread, so it must not block; one that throws is counted and skipped. An <see cref="AdmissionGate"/> has
/// no steps: it calls <see cref="OnRequestEnded"/> only, on whichever thread decides, one at a time.
/// </remarks>
public interface ISchedulingObserver
{
    /// <summary>A step was planned; called for empty plans too. The snapshot and the plan must not be kept.</summary>
    void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan);

    /// <summary>A step was completed.</summary>
    void OnStepCompleted(in BatchShape shape, TimeSpan duration);

    /// <summary>A request ended, in any outcome. Called once per request that entered the queue; a request refused at the door is not seen.</summary>
    void OnRequestEnded(in EndedRequest request);
}
