using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>Draws the moves of a search over scenarios: those of <see cref="SearchMoves"/>, as likely, in a form that a GPU's threads can share.</summary>
internal static class ScenarioMoves
{
    private const int Kinds = 32, Swaps = 12, Handovers = 23, NewBatches = 24, Splits = 26, Merges = 27;

    /// <summary>What kind the next moves are of.</summary>
    public static int DrawKind(int maxBatch, ref MoveRandom random)
    {
        int kind = random.NextBelow(Kinds);
        return maxBatch > 1 ? kind : kind < Kinds / 2 ? 0 : Kinds - 1;
    }

    /// <summary>Draws one move of a kind; false where the draw has no such move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryDraw(int kind, BatchOrder batches, ScenarioTable table, ref MoveRandom random, out ScenarioMove move)
    {
        move = new ScenarioMove { Flip = -1, OtherFlip = -1, Pivot = -1 };
        return kind < Swaps ? TrySwap(batches, ref random, ref move)
            : kind < Handovers ? TryHandover(batches, table.MaxBatch, ref random, ref move)
            : kind < NewBatches ? TryNewBatch(batches, ref random, ref move)
            : kind < Splits ? TrySplit(batches, table.Ranks, ref random, ref move)
            : kind < Merges ? TryMerge(batches, table.MaxBatch, ref random, ref move)
            : TryExchange(batches, ref random, ref move);
    }

    private static bool TrySwap(BatchOrder batches, ref MoveRandom random, ref ScenarioMove move)
    {
        int position = random.NextBelow(batches.JobCount), batch = batches.BatchAt(position);
        int other = random.NextBelow(batches.JobCount), otherBatch = batches.BatchAt(other);
        if (random.NextBelow(2) == 0 && batch + 1 < batches.BatchCount)
        {
            otherBatch = batch + 1;
            other = batches.Offset(otherBatch) + random.NextBelow(batches.Size(otherBatch));
        }

        (move.First, move.Second, move.Flip, move.OtherFlip) = (Math.Min(batch, otherBatch), Math.Max(batch, otherBatch), position, other);
        (move.FirstCount, move.SecondCount) = (batches.Size(move.First), batches.Size(move.Second));
        return batch != otherBatch;
    }

    private static bool TryHandover(BatchOrder batches, int maxBatch, ref MoveRandom random, ref ScenarioMove move)
    {
        int position = random.NextBelow(batches.JobCount), from = batches.BatchAt(position);
        int to = random.NextBelow(8) == 0 ? batches.BatchCount - 1 : Partner(from, batches.BatchCount, ref random);
        if (from == to || batches.Size(to) >= maxBatch)
            return false;
        (move.First, move.Second, move.Flip) = (Math.Min(from, to), Math.Max(from, to), position);
        int toFirst = from < to ? -1 : 1;
        (move.FirstCount, move.SecondCount) = (batches.Size(move.First) + toFirst, batches.Size(move.Second) - toFirst);
        return true;
    }

    private static bool TryNewBatch(BatchOrder batches, ref MoveRandom random, ref ScenarioMove move)
    {
        int position = random.NextBelow(batches.JobCount), from = batches.BatchAt(position), before = random.NextBelow(batches.BatchCount + 1);
        int left = batches.Size(from) - 1;
        move.Flip = position;
        if (before <= from)
            (move.First, move.Second, move.IsFirstNew, move.FirstCount, move.SecondCount) = (before, from, true, 1, left);
        else
            (move.First, move.Second, move.IsSecondNew, move.FirstCount, move.SecondCount) = (from, before, true, left, 1);
        return left > 0;
    }

    /// <summary>The jobs that run no longer than one of them go first, the others in a batch of their own.</summary>
    private static bool TrySplit(BatchOrder batches, ReadOnlySpan<int> ranks, ref MoveRandom random, ref ScenarioMove move)
    {
        int position = random.NextBelow(batches.JobCount), batch = batches.BatchAt(position);
        (move.First, move.Second, move.IsSecondNew, move.Pivot) = (batch, batch + 1, true, ranks[batches.Order[position]]);
        for (int i = batches.Offset(batch); i < batches.Offset(batch + 1); i++)
            move.SecondCount += ranks[batches.Order[i]] > move.Pivot ? 1 : 0;
        move.FirstCount = batches.Size(batch) - move.SecondCount;
        return move.SecondCount > 0;
    }

    private static bool TryMerge(BatchOrder batches, int maxBatch, ref MoveRandom random, ref ScenarioMove move)
    {
        int batch = random.NextBelow(batches.BatchCount);
        if (batch + 1 >= batches.BatchCount)
            return false;
        (move.First, move.Second, move.Pivot, move.FirstCount) = (batch, batch + 1, int.MaxValue, batches.Size(batch) + batches.Size(batch + 1));
        return move.FirstCount <= maxBatch;
    }

    private static bool TryExchange(BatchOrder batches, ref MoveRandom random, ref ScenarioMove move)
    {
        // A batch moves before or behind a run of others; half of the runs are one batch.
        int batch = random.NextBelow(batches.BatchCount), other = Partner(batch, batches.BatchCount, ref random);
        (move.First, move.Second, move.End) = batch < other ? (batch, batch + 1, other + 1) : (other, batch, batch + 1);
        return batch != other;
    }

    private static int Partner(int batch, int batches, ref MoveRandom random)
    {
        int draw = random.NextBelow(4);
        return draw >= 2 ? random.NextBelow(batches) : Math.Clamp(batch + 2 * draw - 1, 0, batches - 1);
    }
}
