using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>Draws requests of two classes that resemble what servers see: long-tailed lengths, prompts far longer than answers, terse code completions.</summary>
internal static class GeneratedRequests
{
    private const double ChatShare = 2.0 / 3;

    private static readonly TokenLengths ChatInput = new(700, 1.0, 4, 16_000), ChatOutput = new(180, 0.8, 1, 2_000);
    private static readonly TokenLengths CodeInput = new(1_600, 0.9, 16, 8_000), CodeOutput = new(18, 1.0, 1, 2_000);

    public static IEnumerable<TraceRequest> From(ArrivalPattern pattern, ulong seed)
    {
        // Two streams: the same requests come whatever the arrivals.
        var lengths = new SeededRandom(seed);
        var gaps = new SeededRandom(seed ^ 0xA5A5A5A5A5A5A5A5);
        double shape = pattern.Rate is null ? 0 : 1 / (pattern.Variation * pattern.Variation), seconds = 0;
        for (int i = 0; i < pattern.Count; i++)
        {
            if (pattern.Rate is { } rate)
                seconds += gaps.NextGamma(shape) / (shape * rate);
            bool isChat = lengths.NextUnit() < ChatShare;
            yield return new TraceRequest
            {
                Id = i.ToString(CultureInfo.InvariantCulture),
                ArrivedAt = TimeSpan.FromTicks((long)Math.Round(seconds * 1_000_000) * TimeSpan.TicksPerMicrosecond),
                InputTokens = (isChat ? ChatInput : CodeInput).Draw(lengths),
                OutputTokens = (isChat ? ChatOutput : CodeOutput).Draw(lengths),
                TrafficClass = isChat ? "chat" : "code",
            };
        }
    }

    /// <summary>Log-normal lengths between two bounds.</summary>
    private sealed record TokenLengths(double Median, double LogSpread, int Min, int Max)
    {
        public int Draw(SeededRandom random) =>
            (int)Math.Clamp(Math.Round(Median * PortableMath.Exp(LogSpread * random.NextNormal())), Min, Max);
    }
}
