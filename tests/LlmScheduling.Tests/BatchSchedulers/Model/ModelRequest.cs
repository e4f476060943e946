namespace LlmScheduling.Tests;

/// <summary>A request in the reference model.</summary>
internal sealed class ModelRequest(long id, TimeSpan arrival, int input, int output, int priority, TimeSpan deadline)
{
    public long Id => id;

    public TimeSpan Arrival => arrival;

    public int Input => input;

    public int Output => output;

    public int Priority => priority;

    public TimeSpan Deadline => deadline;

    public int Computed { get; set; }

    public int Emitted { get; set; }

    public int Held { get; set; }

    public bool EverAdmitted { get; set; }

    public bool IsRunning { get; set; }

    public RequestOutcome? Outcome { get; set; }

    public int Todo => Input + Emitted - Computed;

    public int Context => Input + Math.Max(0, Output - 1);
}
