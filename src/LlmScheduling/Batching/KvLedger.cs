namespace LlmScheduling;

/// <summary>Counts KV blocks: what is set aside for each running request and what is free for this step. Not thread-safe.</summary>
internal sealed class KvLedger(int blockTokens, int? totalBlocks, KvReservation reservation)
{
    public bool IsLimited => totalBlocks is not null;

    /// <summary>Blocks that are set aside.</summary>
    public long Held { get; private set; }

    public KvReservation Reservation => reservation;

    /// <summary>Blocks that this step may still take.</summary>
    public long Free { get; private set; } = totalBlocks ?? long.MaxValue;

    public KvBudget Budget => totalBlocks is { } total ? new(blockTokens, total, (int)Math.Clamp(Free, 0, int.MaxValue)) : KvBudget.Unlimited;

    public int BlocksFor(long tokens) => (int)Math.Min(int.MaxValue, (tokens + blockTokens - 1) / blockTokens);

    /// <summary>Most KV tokens the request can ever hold: the last output token is never fed back.</summary>
    public static long ContextOf(int promptTokens, int maxOutputTokens) => promptTokens + Math.Max(0L, maxOutputTokens - 1L);

    /// <summary>Starts a step. What the engine reports as free counts, less what is set aside and not taken yet, and never more than there is; without a report our own count does.</summary>
    public void Begin(int reportedFree, RunningList running, RequestTable table)
    {
        if (totalBlocks is not { } total)
            return;
        Free = total - Held;
        if (reportedFree == int.MaxValue)
            return;
        long outstanding = 0;
        foreach (LiveRequest request in running.Items)
            outstanding += Math.Max(0, request.HeldBlocks - BlocksFor(table.ViewOf(request).Computed));
        Free = Math.Min(reportedFree, total) - outstanding;
    }

    /// <summary>Blocks that <paramref name="request"/> needs beyond its own to hold <paramref name="tokens"/> tokens; 0 when KV is never the limit.</summary>
    public int Missing(LiveRequest request, long tokens) => IsLimited ? Math.Max(0, BlocksFor(tokens) - request.HeldBlocks) : 0;

    /// <summary>Whether so many more blocks may be taken; none always, also when the engine has less than was promised.</summary>
    public bool Has(int blocks) => blocks == 0 || blocks <= Free;

    public void Take(LiveRequest request, int blocks)
    {
        request.HeldBlocks += blocks;
        Held += blocks;
        if (IsLimited)
            Free -= blocks;
    }

    public void Release(LiveRequest request)
    {
        Held -= request.HeldBlocks;
        if (IsLimited)
            Free += request.HeldBlocks;
        request.HeldBlocks = 0;
    }
}
