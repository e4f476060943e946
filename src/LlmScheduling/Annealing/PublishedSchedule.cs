namespace LlmScheduling;

/// <summary>A schedule as the published annealer holds it, with its three moves.</summary>
internal sealed class PublishedSchedule
{
    private int[] _order = [];
    private int[] _sizes = [];
    private int _jobs, _batches;

    public ReadOnlySpan<int> Order => _order.AsSpan(0, _jobs);

    public ReadOnlySpan<int> Sizes => _sizes.AsSpan(0, _batches);

    public ScheduleValue Value(AnnealingProblem problem) => ScheduleValue.Of(problem, Order, Sizes);

    public void SetFullBatches(ReadOnlySpan<int> order, int size)
    {
        Hold(order.Length);
        order.CopyTo(_order);
        _batches = RuleSchedule.Chunks(order.Length, size, _sizes);
    }

    public void CopyFrom(PublishedSchedule other)
    {
        Hold(other._jobs);
        other.Order.CopyTo(_order);
        other.Sizes.CopyTo(_sizes);
        _batches = other._batches;
    }

    /// <summary>One of the three moves, each as likely; a pull or push for which there is no room is a swap.</summary>
    public void Move(ref MoveRandom random, int maxBatch)
    {
        int kind = random.NextBelow(3), batch = random.NextBelow(_batches);
        bool moved = kind switch
        {
            0 => TryPull(batch, random.NextBelow(_jobs), maxBatch),
            1 => TryPush(batch, random.NextBelow(_jobs), maxBatch),
            _ => false,
        };
        if (!moved)
            Swap(random.NextBelow(_jobs), random.NextBelow(_jobs));
    }

    /// <summary>Takes a request of the next batch into <paramref name="batch"/>; <paramref name="draw"/>, any number from 0, says which.</summary>
    public bool TryPull(int batch, int draw, int maxBatch)
    {
        if (batch + 1 >= _batches || _sizes[batch] >= maxBatch)
            return false;
        int end = End(batch);
        Swap(end, end + draw % _sizes[batch + 1]);
        _sizes[batch]++;
        if (--_sizes[batch + 1] == 0)
            RemoveEmpty(batch + 1);
        return true;
    }

    /// <summary>Hands a request of <paramref name="batch"/> to the next one; <paramref name="draw"/>, any number from 0, says which.</summary>
    public bool TryPush(int batch, int draw, int maxBatch)
    {
        bool isLast = batch + 1 == _batches;
        if (isLast ? _sizes[batch] == 1 : _sizes[batch + 1] >= maxBatch)
            return false;
        int end = End(batch);
        Swap(end - 1, end - 1 - draw % _sizes[batch]);
        if (isLast)
            _sizes[_batches++] = 0;
        _sizes[batch + 1]++;
        if (--_sizes[batch] == 0)
            RemoveEmpty(batch);
        return true;
    }

    private void Swap(int a, int b) => (_order[a], _order[b]) = (_order[b], _order[a]);

    private int End(int batch)
    {
        int end = 0;
        for (int i = 0; i <= batch; i++)
            end += _sizes[i];
        return end;
    }

    private void RemoveEmpty(int batch)
    {
        _sizes.AsSpan(batch + 1, _batches - batch - 1).CopyTo(_sizes.AsSpan(batch));
        _batches--;
    }

    private void Hold(int jobs)
    {
        if (_order.Length < jobs)
            (_order, _sizes) = (new int[jobs], new int[jobs]);
        _jobs = jobs;
    }
}
