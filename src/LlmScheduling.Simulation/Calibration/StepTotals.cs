namespace LlmScheduling.Simulation;

/// <summary>The terms of a latency formula summed over the steps of a replay up to any instant, so that a request's wait or decode is a difference of two.</summary>
internal sealed class StepTotals
{
    private readonly IReadOnlyList<(TimeSpan Start, TimeSpan End, BatchShape Shape)> _steps;
    private readonly int _count;
    private readonly double[] _totals;

    public StepTotals(StepLog log, LatencyTerms terms)
    {
        _steps = log.Steps;
        _count = terms.Count;
        _totals = new double[(_steps.Count + 1) * _count];
        for (int i = 0; i < _steps.Count; i++)
        {
            Span<double> next = _totals.AsSpan((i + 1) * _count, _count);
            terms.Write(_steps[i].Shape, next);
            for (int k = 0; k < _count; k++)
                next[k] += _totals[i * _count + k];
        }
    }

    /// <summary>The terms of what ran between <paramref name="from"/> and <paramref name="to"/>; a step that lies there in part counts in part.</summary>
    public void Between(TimeSpan from, TimeSpan to, Span<double> terms)
    {
        Span<double> before = stackalloc double[_count];
        UpTo(from, before);
        UpTo(to, terms);
        for (int k = 0; k < _count; k++)
            terms[k] -= before[k];
    }

    private void UpTo(TimeSpan time, Span<double> terms)
    {
        int ended = 0, beyond = _steps.Count;
        while (ended < beyond)
        {
            int middle = (ended + beyond) / 2;
            if (_steps[middle].End <= time)
                ended = middle + 1;
            else
                beyond = middle;
        }

        double share = ended < _steps.Count && time > _steps[ended].Start ? (time - _steps[ended].Start) / (_steps[ended].End - _steps[ended].Start) : 0;
        for (int k = 0; k < _count; k++)
        {
            double done = _totals[ended * _count + k];
            terms[k] = share == 0 ? done : done + share * (_totals[(ended + 1) * _count + k] - done);
        }
    }
}
