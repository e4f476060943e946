namespace LlmScheduling.Tests;

/// <summary>A latency model in milliseconds: per step, per prefill token, per decoding request.</summary>
internal sealed class StepTimes(double step, double prefillToken, double decode) : ILatencyModel
{
    public TimeSpan PredictStep(in BatchShape shape) =>
        TimeSpan.FromTicks((long)Math.Round((step + prefillToken * shape.PrefillTokens + decode * shape.DecodeSequences) * TimeSpan.TicksPerMillisecond));
}
