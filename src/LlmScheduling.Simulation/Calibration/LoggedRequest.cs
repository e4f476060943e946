namespace LlmScheduling.Simulation;

/// <summary>One request as a server logged it; times are seconds from the log's first arrival.</summary>
internal readonly record struct LoggedRequest(string Engine, int InputTokens, int OutputTokens, double ArrivedAt, double FirstTokenAt, double EndedAt)
{
    public double TimeToFirstToken => FirstTokenAt - ArrivedAt;

    public double DecodeTime => EndedAt - FirstTokenAt;

    public double EndToEnd => EndedAt - ArrivedAt;
}
