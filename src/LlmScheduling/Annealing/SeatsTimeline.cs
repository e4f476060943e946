using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// The queue as a server that batches continuously lives it: prefills go one after another, a request holds a seat from its
/// start to its predicted end, and the seats that run now become free at theirs. Values an order of the waiting requests.
/// </summary>
/// <remarks>
/// The state before every eighth place of the order in force is kept, so that an order which differs from some place on is computed
/// from just before it. Both ways do the same operations one after another, so they agree bit for bit. Not thread-safe.
/// </remarks>
internal sealed class SeatsTimeline
{
    /// <summary>Who starts later counts exp(-12), nothing.</summary>
    private const double Horizon = 12;

    private const int Stride = 8;

    /// <summary>The logistic function of 1.702 x is within 0.01 of the normal distribution.</summary>
    private const double NormalByLogistic = 1.702;

    private SeatsJob[] _jobs = [];
    private State[] _states = [];
    private double[] _seatRows = [], _seats = [];
    private SeatsObjective _objective;
    private int _count, _seatCount;

    /// <summary>Requests to place.</summary>
    public int Count => _count;

    /// <summary>How many places of the order in force start soon enough to count.</summary>
    public int Reached { get; private set; }

    /// <summary>The problem's requests, to be filled after <see cref="Begin"/>.</summary>
    public Span<SeatsJob> Jobs => _jobs.AsSpan(0, _count);

    /// <summary>Makes room for a problem.</summary>
    /// <param name="count">Requests to place.</param>
    /// <param name="objective">What a schedule is worth.</param>
    /// <param name="channel">Seconds until the prefills in progress are over.</param>
    /// <param name="freeAt">Seconds until each seat is free, ascending; at least one.</param>
    public void Begin(int count, SeatsObjective objective, double channel, ReadOnlySpan<double> freeAt)
    {
        (_count, _objective, Reached) = (count, objective, 0);
        _seatCount = Math.Min(count, freeAt.Length);
        if (_jobs.Length < count)
            (_jobs, _states) = (new SeatsJob[count], new State[count / Stride + 1]);
        if (_seatRows.Length < (count / Stride + 1) * _seatCount)
            _seatRows = new double[(count / Stride + 1) * _seatCount];
        if (_seats.Length < _seatCount)
            _seats = new double[_seatCount];
        _states[0] = new State(channel, Math.Exp(-channel), 0, 0);
        // Ascending numbers are a heap. No more starts than requests, so that later seats do not matter.
        freeAt[.._seatCount].CopyTo(_seatRows);
    }

    /// <summary>
    /// What <paramref name="order"/> is worth, which equals the order in force before place <paramref name="from"/>; negative as soon as
    /// it must be below <paramref name="atLeast"/>.
    /// </summary>
    public double Value(ReadOnlySpan<int> order, int from, double atLeast) => Run(order, from, atLeast, isKept: false);

    /// <summary>Puts <paramref name="order"/> in force, which equals the one before it before place <paramref name="from"/>; returns what it is worth.</summary>
    public double Keep(ReadOnlySpan<int> order, int from) => Run(order, from, atLeast: 0, isKept: true);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Run(ReadOnlySpan<int> order, int from, double atLeast, bool isKept)
    {
        // Beyond those that count, orders may differ as they like.
        int place = Math.Min(from, Reached) / Stride * Stride;
        Span<double> seats = _seats.AsSpan(0, _seatCount);
        _seatRows.AsSpan(place / Stride * _seatCount, _seatCount).CopyTo(seats);
        State state = _states[place / Stride];
        for (; place < order.Length && state.Channel <= Horizon; place++)
        {
            if (isKept)
                Remember(place, state, seats);
            if (Bound(state, order.Length - place) < atLeast)
                return -1;
            ref readonly SeatsJob job = ref _jobs[order[place]];
            bool waitsForSeat = seats[0] > state.Channel;
            double start = waitsForSeat ? seats[0] : state.Channel, discount = waitsForSeat ? Math.Exp(-start) : state.Discount, first = start + job.First;
            ReplaceEarliest(seats, first + job.Rest);
            state = new State(start + job.Channel, discount * job.Decay, state.Met + Met(job, discount, first), state.Latency + job.Waited + first + job.Rest);
        }

        if (isKept)
        {
            Remember(place, state, seats);
            Reached = place;
        }

        double value = _objective == SeatsObjective.DiscountedMet ? state.Met : state.Met / Math.Max(double.Epsilon, state.Latency);
        return value < atLeast ? -1 : value;
    }

    private void Remember(int place, in State state, ReadOnlySpan<double> seats)
    {
        if (place % Stride != 0)
            return;
        _states[place / Stride] = state;
        seats.CopyTo(_seatRows.AsSpan(place / Stride * _seatCount));
    }

    private double Bound(in State state, int left) => _objective == SeatsObjective.DiscountedMet
        ? state.Met + left * state.Discount
        : (state.Met + left) / Math.Max(double.Epsilon, state.Latency);

    private double Met(in SeatsJob job, double discount, double first)
    {
        if (first > job.FirstDue)
            return 0;
        double worth = _objective == SeatsObjective.DiscountedMet ? discount : 1, left = job.EndDue - first;
        return double.IsPositiveInfinity(left) ? worth
            : left > 0 && job.LogSpread > 0 ? worth / (1 + Math.Pow(job.Rest / left, NormalByLogistic / job.LogSpread))
            : job.Rest <= left ? worth
            : 0;
    }

    private static void ReplaceEarliest(Span<double> heap, double end)
    {
        int hole = 0;
        for (int child = 1; child < heap.Length; child = 2 * hole + 1)
        {
            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= end)
                break;
            heap[hole] = heap[child];
            hole = child;
        }

        heap[hole] = end;
    }

    /// <param name="Channel">When the prefills are over.</param>
    /// <param name="Discount">exp(-Channel), carried on as a product.</param>
    /// <param name="Met">Worth of who is met.</param>
    /// <param name="Latency">Sum of end-to-end latencies.</param>
    private readonly record struct State(double Channel, double Discount, double Met, double Latency);
}
