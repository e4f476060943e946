namespace LlmScheduling;

/// <summary>One measured step.</summary>
/// <param name="Shape">What it held.</param>
/// <param name="Duration">How long it took; above zero.</param>
/// <param name="Group">Samples of one group are held out together, because one tells of the other; equal shapes belong to one group.</param>
public readonly record struct LatencySample(BatchShape Shape, TimeSpan Duration, int Group);
