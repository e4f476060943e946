namespace LlmScheduling;

/// <summary>One formatted line on its way to the stream: a JSON object without its number.</summary>
internal readonly record struct DecisionLine(long Number, byte[] Buffer, int Length);
