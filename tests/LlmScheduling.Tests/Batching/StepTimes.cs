namespace LlmScheduling.Tests;

/// <summary>A latency model in milliseconds: per step, per prefill token, per decoding request, per token of its context, per unit of prefill attention.</summary>
internal sealed class StepTimes(double step, double prefillToken, double decode, double contextToken = 0, double attention = 0) : ILatencyModel
{
    public TimeSpan PredictStep(in BatchShape shape) =>
        TimeSpan.FromTicks((long)Math.Round((step + prefillToken * shape.PrefillTokens + decode * shape.DecodeSequences + contextToken * shape.ContextTokens + attention * shape.PrefillAttention) * TimeSpan.TicksPerMillisecond));
}
