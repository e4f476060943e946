namespace LlmScheduling.Samples;

/// <summary>Orders as another policy does, key for key, and shows the keys to the page.</summary>
internal sealed class WatchedPolicy(ISchedulingPolicy inner, LiveView view) : ISchedulingPolicy
{
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        inner.Prioritize(snapshot, keys);
        view.Saw(snapshot, keys);
    }
}
