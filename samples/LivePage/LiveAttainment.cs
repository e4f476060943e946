namespace LlmScheduling.Samples;

/// <summary>How many requests of one class kept their objective under one stack.</summary>
/// <param name="Stack">The stack that was in force when they ended.</param>
/// <param name="TrafficClass">Their class.</param>
/// <param name="Met">Those that kept it.</param>
/// <param name="Ended">All that had one and ended.</param>
/// <param name="Recent">Share of the last hundred that kept it.</param>
internal sealed record LiveAttainment(string Stack, string TrafficClass, long Met, long Ended, double Recent);
