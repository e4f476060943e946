namespace LlmScheduling;

/// <summary>What is promised to one request, relative to its arrival; <see cref="TimeSpan.MaxValue"/> means nothing is promised.</summary>
/// <param name="TimeToFirstToken">Longest time from arrival to the first token.</param>
/// <param name="TimePerOutputToken">Longest mean time per token after the first.</param>
/// <param name="EndToEnd">Longest time from arrival to the last token.</param>
public readonly record struct SloTargets(TimeSpan TimeToFirstToken, TimeSpan TimePerOutputToken, TimeSpan EndToEnd)
{
    /// <summary>Promises nothing.</summary>
    public static SloTargets BestEffort => new(TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue);

    /// <summary>Whether anything at all is promised.</summary>
    public bool HasObjective => this != BestEffort;

    /// <summary>Promises all that <paramref name="objective"/> asks for; null asks for nothing.</summary>
    public static SloTargets Of(ServiceLevelObjective? objective) => new(
        objective?.TimeToFirstToken ?? TimeSpan.MaxValue,
        objective?.TimePerOutputToken ?? TimeSpan.MaxValue,
        objective?.EndToEnd ?? TimeSpan.MaxValue);
}
