namespace LlmScheduling.Simulation;

/// <summary>What each traffic class is promised, and what the others are.</summary>
/// <param name="Classes">By class.</param>
/// <param name="Default">For classes that are not listed; null: nothing.</param>
public sealed record SloTable(IReadOnlyDictionary<string, ServiceLevelObjective> Classes, ServiceLevelObjective? Default)
{
    /// <summary>What <paramref name="trafficClass"/> is promised; null: nothing.</summary>
    public ServiceLevelObjective? For(string trafficClass) => Classes.GetValueOrDefault(trafficClass) ?? Default;
}
