using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>When an engine fell idle: nothing waits and nothing runs until the next arrival.</summary>
internal static class IdleMoments
{
    /// <summary>One empty sample per moment, in order of time.</summary>
    public static IEnumerable<QueueSample> Of(IReadOnlyList<RequestRecord> records)
    {
        TimeSpan busyUntil = TimeSpan.Zero;
        bool isFirst = true;
        foreach (RequestRecord record in records)
        {
            if (!isFirst && record.Request.ArrivedAt > busyUntil)
                yield return new QueueSample(busyUntil, 0, 0);
            if (record.EndedAt > busyUntil)
                busyUntil = record.EndedAt;
            isFirst = false;
        }

        if (!isFirst)
            yield return new QueueSample(busyUntil, 0, 0);
    }
}
