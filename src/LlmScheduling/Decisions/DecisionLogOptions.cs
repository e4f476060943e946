namespace LlmScheduling;

/// <summary>How a <see cref="DecisionLog"/> writes. Plain values, read once at construction.</summary>
public sealed class DecisionLogOptions
{
    /// <summary>Most lines that wait for the writer, 1 or more; further ones are dropped and counted. Default: 8,192.</summary>
    public int MaxPendingLines { get; set; } = 8_192;

    /// <summary>Whether the stream stays open when the log is disposed. Default: false.</summary>
    public bool LeaveOpen { get; set; }
}
