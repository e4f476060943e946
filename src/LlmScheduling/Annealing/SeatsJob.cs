namespace LlmScheduling;

/// <summary>A waiting request on a <see cref="SeatsTimeline"/>. Times are seconds from the plan's moment.</summary>
/// <param name="Channel">How long its prefill keeps the others' waiting.</param>
/// <param name="First">From its start to its first token.</param>
/// <param name="Rest">From its first token to its predicted end.</param>
/// <param name="FirstDue">When its first token is due; infinite where nothing is promised.</param>
/// <param name="EndDue">When its last token is due; infinite where nothing is promised.</param>
/// <param name="LogSpread">Standard deviation of the logarithm of <paramref name="Rest"/>; 0 when it is certain.</param>
/// <param name="Waited">Since its arrival.</param>
internal readonly record struct SeatsJob(double Channel, double First, double Rest, double FirstDue, double EndDue, double LogSpread, double Waited)
{
    /// <summary>What the channel's discount falls to during its prefill: exp(-Channel).</summary>
    public double Decay { get; } = Math.Exp(-Channel);
}
