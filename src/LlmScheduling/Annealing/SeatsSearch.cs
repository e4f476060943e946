using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>Anneals an order on a <see cref="SeatsTimeline"/>: swaps and relocations, each computed from its first place on.</summary>
internal sealed class SeatsSearch
{
    private const double Hot = 0.3, Cold = 0.003;
    private const int MovesPerTemperature = 64;

    private int[] _order = [], _best = [];

    /// <summary>The best order found; valid until the next search.</summary>
    public ReadOnlySpan<int> Best(int count) => _best.AsSpan(0, count);

    /// <summary>Searches from <paramref name="start"/>; the best is never worth less. Returns what it is worth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Run(SeatsTimeline timeline, ReadOnlySpan<int> start, int evaluations, ulong seed, CancellationToken cancellationToken)
    {
        if (_order.Length < start.Length)
            (_order, _best) = (new int[start.Length], new int[start.Length]);
        Span<int> order = _order.AsSpan(0, start.Length), best = _best.AsSpan(0, start.Length);
        start.CopyTo(order);
        start.CopyTo(best);
        double value = timeline.Keep(order, 0), most = value;
        if (start.Length < 2)
            return most;
        var random = new MoveRandom(seed);
        double temperature = Hot / start.Length, cooling = Math.Pow(Cold / Hot, (double)MovesPerTemperature / evaluations);
        for (int move = 1; move <= evaluations; move++)
        {
            int from = random.NextBelow(Math.Min(start.Length, timeline.Reached + 1)), to = random.NextBelow(start.Length - 1);
            to += to >= from ? 1 : 0;
            bool isSwap = random.NextBelow(2) == 0;
            double atLeast = value * (1 + temperature * Math.Log(random.NextUnit()));
            Move(order, from, to, isSwap);
            int changed = Math.Min(from, to);
            if (timeline.Value(order, changed, atLeast) < 0)
            {
                Move(order, to, from, isSwap);
            }
            else
            {
                value = timeline.Keep(order, changed);
                if (value > most)
                {
                    most = value;
                    order.CopyTo(best);
                }
            }

            if (move % MovesPerTemperature == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                temperature *= cooling;
            }
        }

        return most;
    }

    /// <summary>Swaps two places, or takes one out and puts it in at another; with the places exchanged it takes itself back.</summary>
    private static void Move(Span<int> order, int from, int to, bool isSwap)
    {
        int moved = order[from];
        if (isSwap)
            order[from] = order[to];
        else if (from < to)
            order[(from + 1)..(to + 1)].CopyTo(order[from..]);
        else
            order[to..from].CopyTo(order[(to + 1)..]);
        order[to] = moved;
    }
}
