namespace LlmScheduling.Tests;

/// <summary>A policy that a test writes as one expression over a request.</summary>
internal sealed class KeyedBy(KeyedBy.Key key) : ISchedulingPolicy
{
    public delegate PriorityKey Key(in RequestView request);

    /// <summary>By <see cref="RequestView.Priority"/>, in the score only: nobody's seat is taken.</summary>
    public static KeyedBy Priority { get; } = new((in RequestView request) => request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, request.Priority));

    /// <summary>By <see cref="RequestView.Priority"/> as the band: the more urgent takes seats.</summary>
    public static KeyedBy PriorityBand { get; } = new((in RequestView request) => new(request.Priority, 0));

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
            keys[i] = key(snapshot.Requests[i]);
    }
}
