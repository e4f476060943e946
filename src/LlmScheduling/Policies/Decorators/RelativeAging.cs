using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// A request whose wait exceeds a multiple of its own expected work is aged: it goes before all that are not, the largest
/// ratio first. All others keep the inner order. Ratio: <c>(now - arrival) / work</c>, aged when <c>ratio > factor</c>.
/// </summary>
/// <remarks>
/// Ageing by absolute time makes long requests as urgent as short ones and ends as first come, first served; relative to the
/// work, a short request is passed by few and a long one by many, as under highest response ratio next. The ratio says how
/// many requests of its own size the server could have served meanwhile. Factor 0 orders everybody by the ratio, an infinite
/// factor nobody. Work is in server-seconds; while no latency is known, wait and work are both counted in tokens that the
/// server processed. It gives no bound by itself: see <see cref="StarvationBound"/>. Aged requests stand in tiers below 0,
/// where look-ahead passes nobody, and go before everything that inner decorators promote. Hold, Refuse, bands and running
/// requests stay as they are. Sorts what is aged.
/// </remarks>
public sealed class RelativeAging : ISchedulingPolicy
{
    /// <summary>The factor unless another is given.</summary>
    public const double DefaultFactor = 100;

    private readonly ISchedulingPolicy _inner;
    private readonly double _factor;

    /// <summary>Ages requests under <paramref name="inner"/>.</summary>
    /// <param name="inner">Decides among requests that are not aged.</param>
    /// <param name="factor">Wait in multiples of the expected work beyond which a request is aged; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is negative or NaN.</exception>
    public RelativeAging(ISchedulingPolicy inner, double factor = DefaultFactor)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!(factor >= 0))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be 0 or more.");
        (_inner, _factor) = (inner, factor);
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _inner.Prioritize(snapshot, keys);
        Aged[] pooled = ArrayPool<Aged>.Shared.Rent(keys.Length);
        int count = 0, smallestTier = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase == RequestPhase.Running || keys[i].IsHeld)
                continue;
            smallestTier = Math.Min(smallestTier, keys[i].Tier);
            double ratio = Ratio(snapshot, request);
            if (ratio > _factor)
                pooled[count++] = new(ratio, request.Id.Sequence, i);
        }

        Span<Aged> aged = pooled.AsSpan(0, count);
        aged.Sort();
        long first = Math.Max(int.MinValue, (long)smallestTier - count);
        for (int j = 0; j < count; j++)
            keys[aged[j].Index] = keys[aged[j].Index] with { Tier = (int)(first + j) };
        ArrayPool<Aged>.Shared.Return(pooled);
    }

    private static double Ratio(in SchedulingSnapshot snapshot, in RequestView request)
    {
        double wait = QueueTime.Wait(snapshot, request);
        double work = snapshot.WorkSeconds(request);
        return work > 0 ? wait / work
            : wait > 0 ? double.PositiveInfinity
            : 0;
    }

    private readonly record struct Aged(double Ratio, long Id, int Index) : IComparable<Aged>
    {
        public int CompareTo(Aged other)
        {
            int order = other.Ratio.CompareTo(Ratio);
            return order != 0 ? order : Id.CompareTo(other.Id);
        }
    }
}
