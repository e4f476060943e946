namespace LlmScheduling.Tests;

/// <summary>Capacities that a run draws.</summary>
internal sealed record ModelSetup(
    int Seats, int Tokens, bool Chunked, int? Chunk, int? Blocks, KvReservation Reservation, int Queued, int QueuedTokens, QueueFullAction Full, bool HasVictimPolicy)
{
    public BatchSchedulerOptions Options => new()
    {
        MaxSequences = Seats,
        MaxBatchTokens = Tokens,
        ChunkedPrefill = Chunked,
        PrefillChunkTokens = Chunked ? Chunk : null,
        KvBlockTokens = 4,
        KvTotalBlocks = Blocks,
        KvReservation = Reservation,
        MaxQueuedRequests = Queued,
        MaxQueuedTokens = QueuedTokens,
        QueueFull = Full,
    };
}
