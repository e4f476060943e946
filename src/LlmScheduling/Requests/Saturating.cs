namespace LlmScheduling;

/// <summary>Time arithmetic where <see cref="TimeSpan.MaxValue"/> means never and sums do not overflow.</summary>
internal static class Saturating
{
    public static TimeSpan Add(TimeSpan from, TimeSpan span)
    {
        if (from == TimeSpan.MaxValue || span == TimeSpan.MaxValue)
            return TimeSpan.MaxValue;
        long sum = unchecked(from.Ticks + span.Ticks);
        bool overflow = ((from.Ticks ^ sum) & (span.Ticks ^ sum)) < 0;
        return overflow ? (span.Ticks > 0 ? TimeSpan.MaxValue : TimeSpan.MinValue) : new TimeSpan(sum);
    }
}
