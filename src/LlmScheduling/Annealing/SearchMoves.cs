using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>Draws the moves of a search: swap two jobs, hand one to another batch or to a new one, exchange runs of batches, split a batch, merge two.</summary>
internal sealed class SearchMoves
{
    private const int Kinds = 32, Swaps = 12, Handovers = 23, NewBatches = 24, Splits = 26, Merges = 27;
    private readonly BatchChange _change = new();

    /// <summary>What kind the next moves are of.</summary>
    public static int DrawKind(Timeline timeline, ref MoveRandom random)
    {
        int kind = random.NextBelow(Kinds);
        return timeline.MaxBatch > 1 ? kind : kind < Kinds / 2 ? 0 : Kinds - 1;
    }

    /// <summary>
    /// Draws one move of a kind and makes it if the schedule's G then reaches <paramref name="least"/>; false where it does not, or where
    /// the draw has no such move. <paramref name="best"/> hears of it before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryMove(int kind, Timeline timeline, ref MoveRandom random, double least, double head, SearchBest best)
    {
        if (kind >= Merges)
            return TryExchange(timeline, ref random, least, head, best);
        bool drawn =
            kind < Swaps ? DrawSwap(timeline, ref random)
            : kind < Handovers ? DrawHandover(timeline, ref random)
            : kind < NewBatches ? DrawNewBatch(timeline, ref random)
            : kind < Splits ? DrawSplit(timeline, ref random)
            : DrawMerge(timeline, ref random);
        if (!drawn || !timeline.Reaches(_change, least, head, out MoveValue value))
            return false;
        best.BeforeMove(timeline, value);
        timeline.Apply(_change, value);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryExchange(Timeline timeline, ref MoveRandom random, double least, double head, SearchBest best)
    {
        int batches = timeline.BatchCount;
        if (batches < 2)
            return false;
        // A batch moves before or behind a run of others; half of the runs are one batch.
        int batch = random.NextBelow(batches), other = Partner(batch, batches, ref random);
        (int first, int middle, int end) = batch < other ? (batch, batch + 1, other + 1) : (other, batch, batch + 1);
        if (batch == other || !timeline.ReachesExchange(first, middle, end, least, head, out MoveValue value))
            return false;
        best.BeforeMove(timeline, value);
        timeline.ApplyExchange(first, middle, end, value);
        return true;
    }

    private static int Partner(int batch, int batches, ref MoveRandom random)
    {
        int draw = random.NextBelow(4);
        return draw >= 2 ? random.NextBelow(batches) : Math.Clamp(batch + 2 * draw - 1, 0, batches - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DrawSwap(Timeline timeline, ref MoveRandom random)
    {
        int position = random.NextBelow(timeline.JobCount), batch = timeline.BatchAt(position);
        int other = random.NextBelow(timeline.JobCount), otherBatch = timeline.BatchAt(other);
        if (random.NextBelow(2) == 0 && batch + 1 < timeline.BatchCount)
        {
            otherBatch = batch + 1;
            other = timeline.Offset(otherBatch) + random.NextBelow(timeline.Size(otherBatch));
        }

        if (batch == otherBatch)
            return false;
        if (batch > otherBatch)
            (position, batch, other, otherBatch) = (other, otherBatch, position, batch);
        _change.Begin(batch, otherBatch, isFirstNew: false, isSecondNew: false, timeline.MaxBatch);
        _change.AddFirst(timeline.Jobs(batch), without: position - timeline.Offset(batch));
        _change.AddFirst(timeline.Order[other]);
        _change.AddSecond(timeline.Jobs(otherBatch), without: other - timeline.Offset(otherBatch));
        _change.AddSecond(timeline.Order[position]);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DrawHandover(Timeline timeline, ref MoveRandom random)
    {
        int position = random.NextBelow(timeline.JobCount), from = timeline.BatchAt(position);
        int to = random.NextBelow(8) == 0 ? timeline.BatchCount - 1 : Partner(from, timeline.BatchCount, ref random);
        if (from == to || timeline.Size(to) >= timeline.MaxBatch)
            return false;
        int job = timeline.Order[position], place = position - timeline.Offset(from);
        _change.Begin(Math.Min(from, to), Math.Max(from, to), isFirstNew: false, isSecondNew: false, timeline.MaxBatch);
        if (from < to)
        {
            _change.AddFirst(timeline.Jobs(from), place);
            _change.AddSecond(timeline.Jobs(to));
            _change.AddSecond(job);
        }
        else
        {
            _change.AddFirst(timeline.Jobs(to));
            _change.AddFirst(job);
            _change.AddSecond(timeline.Jobs(from), place);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DrawNewBatch(Timeline timeline, ref MoveRandom random)
    {
        int position = random.NextBelow(timeline.JobCount), from = timeline.BatchAt(position), before = random.NextBelow(timeline.BatchCount + 1);
        if (timeline.Size(from) == 1)
            return false;
        int job = timeline.Order[position], place = position - timeline.Offset(from);
        if (before <= from)
        {
            _change.Begin(before, from, isFirstNew: true, isSecondNew: false, timeline.MaxBatch);
            _change.AddFirst(job);
            _change.AddSecond(timeline.Jobs(from), place);
        }
        else
        {
            _change.Begin(from, before, isFirstNew: false, isSecondNew: true, timeline.MaxBatch);
            _change.AddFirst(timeline.Jobs(from), place);
            _change.AddSecond(job);
        }

        return true;
    }

    /// <summary>The jobs that run no longer than one of them go first, the others in a batch of their own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DrawSplit(Timeline timeline, ref MoveRandom random)
    {
        int position = random.NextBelow(timeline.JobCount), batch = timeline.BatchAt(position), size = timeline.Size(batch);
        if (size == 1)
            return false;
        _change.Begin(batch, batch + 1, isFirstNew: false, isSecondNew: true, timeline.MaxBatch);
        int longest = timeline.Runs(timeline.Order[position], size);
        foreach (int job in timeline.Jobs(batch))
        {
            if (timeline.Runs(job, size) <= longest)
                _change.AddFirst(job);
            else
                _change.AddSecond(job);
        }

        return !_change.Second.IsEmpty;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DrawMerge(Timeline timeline, ref MoveRandom random)
    {
        int batch = random.NextBelow(timeline.BatchCount);
        if (batch + 1 >= timeline.BatchCount || timeline.Size(batch) + timeline.Size(batch + 1) > timeline.MaxBatch)
            return false;
        _change.Begin(batch, batch + 1, isFirstNew: false, isSecondNew: false, timeline.MaxBatch);
        _change.AddFirst(timeline.Jobs(batch));
        _change.AddFirst(timeline.Jobs(batch + 1));
        return true;
    }
}
