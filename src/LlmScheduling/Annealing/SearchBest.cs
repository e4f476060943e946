namespace LlmScheduling;

/// <summary>The best schedule of a search, copied only when a worse one is about to take its place.</summary>
internal sealed class SearchBest
{
    private int[] _order = [];
    private int[] _sizes = [];
    private int _jobs, _batches, _met;
    private long _total;
    private bool _isCurrent;

    public ReadOnlySpan<int> Order => _order.AsSpan(0, _jobs);

    public ReadOnlySpan<int> Sizes => _sizes.AsSpan(0, _batches);

    /// <summary>Begins with a schedule whose value is that of the timeline.</summary>
    public void Begin(Timeline timeline)
    {
        if (_order.Length < timeline.JobCount)
            (_order, _sizes) = (new int[timeline.JobCount], new int[timeline.JobCount]);
        _jobs = timeline.JobCount;
        Keep(timeline);
        _isCurrent = true;
    }

    /// <summary>Keeps the schedule as it is, if it is the best and the move makes it worse.</summary>
    public void BeforeMove(Timeline timeline, in MoveValue value)
    {
        if (IsBetter(value.Met, value.Total, timeline.Met, timeline.Total))
        {
            if (IsBetter(value.Met, value.Total, _met, _total))
                (_isCurrent, _met, _total) = (true, value.Met, value.Total);
        }
        else if (_isCurrent)
        {
            Keep(timeline);
            _isCurrent = false;
        }
    }

    /// <summary>Takes the last schedule over if it is the best.</summary>
    public void End(Timeline timeline)
    {
        if (_isCurrent)
            Keep(timeline);
        _isCurrent = false;
    }

    /// <summary>Whether one G is above another, by cross multiplication: exact.</summary>
    public static bool IsBetter(int met, long total, int otherMet, long otherTotal) =>
        (Int128)met * otherTotal > (Int128)otherMet * total || (met == 0 && otherMet == 0 && total < otherTotal);

    private void Keep(Timeline timeline)
    {
        timeline.Order.CopyTo(_order);
        _batches = timeline.CopySizes(_sizes);
        (_met, _total) = (timeline.Met, timeline.Total);
    }
}
