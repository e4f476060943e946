namespace LlmScheduling;

/// <summary>A latency model's file is malformed: the message names the file, the field, what was found and what is allowed.</summary>
/// <param name="message">What is wrong, in one line.</param>
/// <param name="inner">What was thrown while it was read; null when it was well-formed but wrong.</param>
public sealed class LatencyModelFormatException(string message, Exception? inner = null) : FormatException(message, inner);
