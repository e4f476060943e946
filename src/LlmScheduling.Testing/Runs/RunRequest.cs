using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>One request of a run, as an engine that keeps its own books sees it.</summary>
internal sealed class RunRequest(TraceRequest trace, int place)
{
    public TraceRequest Trace => trace;

    public int Place => place;

    public RequestTicket? Ticket { get; set; }

    public int Computed { get; set; }

    public int Emitted { get; set; }

    public int Preemptions { get; set; }

    /// <summary>Whether it holds a seat and KV blocks at the engine.</summary>
    public bool IsResident { get; set; }

    public bool IsCancelled { get; set; }

    public bool IsFinished { get; set; }

    public TimeSpan? FirstAdmittedAt { get; set; }

    public TimeSpan? FirstTokenAt { get; set; }

    public TimeSpan? FinishedAt { get; set; }

    public RequestOutcome? Outcome => Ticket is { Outcome.IsCompletedSuccessfully: true } ticket ? ticket.Outcome.Result : null;

    public int Left => trace.InputTokens + Emitted - Computed;

    public override string ToString() => $"request {trace.Id}";
}
