namespace LlmScheduling.Testing;

internal sealed class TimeShiftInvariant() : SnapshotLaw("OnlyTimeDifferencesMatter", "When every time moves by the same amount, nothing changes.")
{
    private static readonly TimeSpan[] Shifts = [TimeSpan.FromSeconds(1), TimeSpan.FromHours(7), TimeSpan.FromDays(40)];

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        Decision before = DecisionOf(snapshot, policy);
        foreach (TimeSpan shift in Shifts)
        {
            if (Different($"Moving every time by {shift}", before, DecisionOf(Moved(snapshot, shift), policy)) is { } difference)
                return difference;
        }

        return null;
    }

    private static SnapshotCase Moved(SnapshotCase snapshot, TimeSpan shift) => snapshot with
    {
        Now = snapshot.Now + shift,
        Requests =
        [
            .. snapshot.Requests.Select(request => request with
            {
                ArrivedAt = request.ArrivedAt + shift,
                LastScheduledAt = request.LastScheduledAt + shift,
                FirstTokenAt = Moved(request.FirstTokenAt, shift),
                FirstTokenDue = Moved(request.FirstTokenDue, shift),
                Deadline = Moved(request.Deadline, shift),
            }),
        ],
    };

    private static TimeSpan Moved(TimeSpan time, TimeSpan shift) => time == TimeSpan.MaxValue ? time : time + shift;
}
