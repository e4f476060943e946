namespace LlmScheduling;

/// <summary>
/// Orders by <see cref="RequestView.Priority"/>, the lowest first; equal priorities in arrival order. With a seat gap, a
/// waiting request takes the seat of a running one whose priority value is larger by at least the gap.
/// Band: <c>priority</c>, of a running request <c>priority - (gap - 1)</c>.
/// </summary>
/// <remarks>
/// Equal priorities have equal keys, so that a second policy can tell them apart; by itself the request's id does, which is
/// given in arrival order. <c>ByPriority(1)</c> also serves as <see cref="SchedulerServices.VictimPolicy"/>.
/// </remarks>
/// <param name="seatGap">Smallest difference of priorities that takes a seat; below 1 counts as 1. Null: seats are never taken.</param>
public sealed class ByPriority(int? seatGap = null) : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase != RequestPhase.Running ? new(request.Priority, 0)
                : seatGap is { } gap ? new(RunningBand(request.Priority, gap), 0)
                : PriorityKey.KeepsSeat;
        }
    }

    // A waiting request needs a strictly smaller band, so a difference of exactly the gap is one band below.
    private static int RunningBand(int priority, int gap) =>
        (int)Math.Max(int.MinValue, (long)priority - (Math.Max(1, gap) - 1));
}
