namespace LlmScheduling;

/// <summary>Says who goes first, by giving every live request a key. What fits is the planner's business.</summary>
/// <remarks>
/// Pure: equal snapshots give equal keys; no clock, no randomness but <see cref="SchedulingSnapshot.Seed"/>, no state that
/// changes. Called by one thread at a time, at least once per step. A policy that throws or answers NaN costs one step of
/// first come, first served, is counted and logged, and is asked again at the next step.
/// </remarks>
public interface ISchedulingPolicy
{
    /// <summary>Writes the key of <c>snapshot.Requests[i]</c> to <paramref name="keys"/>[i]; both have the same length, and every key must be written.</summary>
    void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys);
}
