using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// Orders as <see cref="AttainableWorkFirst"/>, and pauses decodes that are ahead of their pace by the margin when a prompt that
/// can still keep its promise has no seat or would be late beside them, or when the step would be too long for the tightest
/// TPOT. Those whose promise is lost pause first, then those that are promised nothing, then those with the most left to
/// generate, and hopeless prompts wait while anybody pauses. Pauses: <c>min(first token + TPOT x generated - now - step, deadline - now - 1.1 x left x step) &gt;= margin</c>.
/// </summary>
/// <remarks>
/// A paused request keeps its KV blocks: for engines that can leave a sequence out of a step, with an allocation whose
/// <see cref="TokenAllocation.MaxResidentSequences"/> is above the seats, as that of <see cref="SchedulingStacks.SloPausing"/>.
/// </remarks>
public sealed class AttainableWorkPausing : ISchedulingPolicy
{
    internal const double ShareOfTpot = 0.85;
    internal const int StepPrefillTokens = 256;
    private const double PrefillShareOfTpot = 0.9;
    private const int MostStarting = 8;

    private readonly AttainableWorkFirst _order;
    private readonly double _margin;

    /// <summary>Creates the policy.</summary>
    /// <param name="order">The order; null: with its defaults.</param>
    /// <param name="margin">How far ahead of its pace a decode must be to pause; 0 or more. Null: 10 s.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="margin"/> is negative.</exception>
    public AttainableWorkPausing(AttainableWorkFirst? order = null, TimeSpan? margin = null)
    {
        TimeSpan given = margin ?? TimeSpan.FromSeconds(10);
        ArgumentOutOfRangeException.ThrowIfLessThan(given, TimeSpan.Zero, nameof(margin));
        _order = order ?? new AttainableWorkFirst();
        _margin = given.TotalSeconds;
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        var seat = new SeatTime(snapshot, cutsPrefill: true);
        _order.Prioritize(snapshot, seat, keys);
        PausableDecode[] rented = ArrayPool<PausableDecode>.Shared.Rent(keys.Length);
        Span<PromptInNeed> starting = stackalloc PromptInNeed[MostStarting];
        var demand = new PromptDemand(starting);
        int decodes = 0, mustRun = 0;
        long context = 0;
        TimeSpan tightest = TimeSpan.MaxValue;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase != RequestPhase.Running || request.GeneratedTokens <= 0)
            {
                demand.Add(snapshot, seat, request, keys[i]);
                continue;
            }

            PausableDecode decode = Judge(snapshot, seat, request, i);
            rented[decodes++] = decode;
            context += decode.Context;
            mustRun += decode.Rank == 0 ? 1 : 0;
            if (decode.Rank < PausableDecode.Lost && request.TokenInterval < tightest)
                tightest = request.TokenInterval;
        }

        Span<PausableDecode> order = rented.AsSpan(0, decodes);
        mustRun = Math.Min(mustRun, Math.Max(1, snapshot.Limits.MaxSequences));
        int running = decodes == mustRun ? decodes : Running(snapshot, order, mustRun, context, demand, tightest.TotalSeconds);
        foreach (ref readonly PausableDecode paused in order[running..])
            keys[paused.Index] = PriorityKey.Hold;
        ArrayPool<PausableDecode>.Shared.Return(rented);
        if (running == decodes)
            return;
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].IsSpare)
                keys[i] = PriorityKey.Hold;
        }
    }

    private PausableDecode Judge(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request, int index)
    {
        long context = (long)request.PromptTokens + request.GeneratedTokens;
        double ahead = Pace.Ahead(request, snapshot.Now, seat.Token);
        int rank = Pace.IsLost(request, snapshot.Now, seat.TokenAlone(context) * TimeSpan.TicksPerSecond) ? PausableDecode.Lost
            : double.IsPositiveInfinity(ahead) ? PausableDecode.PromisedNothing
            : ahead >= _margin ? PausableDecode.Ahead
            : PausableDecode.MustRun;
        return new PausableDecode(rank, rank == PausableDecode.MustRun ? ahead : Pace.Left(request), request.Id.Sequence, context, index);
    }

    /// <summary>How many decodes run, those that must first; sorts <paramref name="order"/> so that they stand in front.</summary>
    private static int Running(in SchedulingSnapshot snapshot, Span<PausableDecode> order, int mustRun, long context, in PromptDemand demand, double tightest)
    {
        order.Sort();
        WorkModel work = snapshot.Work;
        bool wantsPrompt = demand.IsAny(snapshot.Kv);
        double prefill = wantsPrompt ? StepPrefillTokens * work.PrefillToken : 0;
        int running = order.Length;
        while (running > Math.Max(mustRun, snapshot.Limits.MaxSequences))
            context -= order[--running].Context;
        int fewest = demand.HasOpen ? mustRun : Math.Max(1, mustRun), seated = running;
        long seatedContext = context;
        while (running > fewest && Step(work, running, context) + prefill > ShareOfTpot * tightest)
            context -= order[--running].Context;

        // Nobody is in need, and even the shortest step would be too long: pausing would only cost.
        if (mustRun == 0 && Step(work, running, context) + prefill > ShareOfTpot * tightest)
            (running, context) = (seated, seatedContext);
        if (!wantsPrompt)
            return running;

        double tokens = Math.Min(snapshot.Limits.MaxBatchTokens - running, work.PrefillToken > 0 ? (PrefillShareOfTpot * tightest - Step(work, running, context)) / work.PrefillToken : double.PositiveInfinity);
        if (demand.WouldMiss(tokens, Step(work, running, context), work.PrefillToken))
            running = mustRun;
        running = Math.Min(running, Math.Max(mustRun, snapshot.Limits.MaxSequences - demand.Seats(tokens)));

        // Should the prompts not fit for a reason that only the planner knows, somebody still goes on.
        return demand.HasOpen || order.Length == 0 ? running : Math.Max(1, running);
    }

    private static double Step(in WorkModel work, int decodes, long context) => work.Step + work.DecodeSequence * decodes + work.ContextToken * context;
}
