namespace LlmScheduling.Simulation;

/// <summary>The engine's side of a request: its true length and what has been computed. Travels as <see cref="InferenceRequest.State"/>.</summary>
internal sealed class SimulatedRequest(TraceRequest trace, int outputTokens)
{
    public TraceRequest Trace => trace;

    /// <summary>Tokens it generates before it stops.</summary>
    public int OutputTokens => outputTokens;

    public int Computed { get; set; }

    public int Emitted { get; set; }

    public EndedRequest? Ended { get; set; }

    public RequestTicket? Ticket { get; set; }

    /// <summary>Binds it to its instance from its arrival on; null where instances draw from one queue.</summary>
    public AdmissionLease? Lease { get; set; }

    /// <summary>KV blocks it holds, in order of its tokens; only where the engine keeps a victim's blocks as cache.</summary>
    public List<int> Blocks { get; } = [];

    /// <summary>Of the blocks it lost, how many from the first on nobody has overwritten.</summary>
    public int CachedBlocks { get; set; }

    /// <summary>What the scheduler was last told of <see cref="CachedBlocks"/>.</summary>
    public int ReportedCachedBlocks { get; set; }

    /// <summary>Tokens whose KV it found again when it was admitted anew, until the scheduler is told.</summary>
    public int TakenBackTokens { get; set; }

    /// <param name="start">When the scheduler that served it began to count.</param>
    public RequestRecord Record(TimeSpan start)
    {
        if (Ended is not { } ended)
        {
            RequestOutcome refused = Ticket is { Outcome.IsCompletedSuccessfully: true } ticket
                ? ticket.Outcome.Result
                : throw new InvalidOperationException($"Request {trace.Id} has not ended.");
            return new RequestRecord(trace, refused, null, null, trace.ArrivedAt, 0, 0);
        }

        return new RequestRecord(trace, ended.Outcome, Known(ended.AdmittedAt, start), Known(ended.FirstTokenAt, start), start + ended.EndedAt, ended.GeneratedTokens, ended.Preemptions);
    }

    private static TimeSpan? Known(TimeSpan time, TimeSpan start) => time == TimeSpan.MaxValue ? null : start + time;
}
