using System.Globalization;

namespace LlmScheduling;

/// <summary>Which problems are worth a graphics processor: many scenarios and a long search.</summary>
/// <remarks>
/// One thread holds one scenario, so fewer than a warp's waste the card. Without scenarios one core weighs 15 to 40 million moves per
/// second, one after another, and a longer chain is worth more than more chains (docs/annealing.md): the card cannot win. A short
/// search is over before tables are copied and the chains have drawn level with the core's start. The bounds here are estimates: no
/// card has measured them.
/// </remarks>
internal static class DeviceChoice
{
    /// <summary>Below so many scenarios the CPU searches.</summary>
    public const int LeastScenarios = 32;

    /// <summary>Below so many jobs the CPU searches: its one chain gets through as many schedules as matter.</summary>
    public const int LeastJobs = 16;

    /// <summary>Below so many evaluations the CPU searches: a few hundred moves for each chain.</summary>
    public const long LeastEvaluations = 100_000;

    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(10);

    /// <summary>A sentence that says why a problem that was checked stays on the CPU; null where the device should search.</summary>
    public static string? WhyNot(AnnealingProblem problem)
    {
        if (problem.ScenarioCount < LeastScenarios)
            return string.Create(CultureInfo.InvariantCulture, $"The problem has {problem.ScenarioCount} scenarios of output lengths; below {LeastScenarios} one core searches as well.");
        if (problem.Jobs.Length < LeastJobs)
            return string.Create(CultureInfo.InvariantCulture, $"The problem has {problem.Jobs.Length} requests; below {LeastJobs} one core searches as well.");
        if (problem.MaxEvaluations < LeastEvaluations)
            return string.Create(CultureInfo.InvariantCulture, $"The search is bounded to {problem.MaxEvaluations} evaluations; below {LeastEvaluations} one core searches as well.");
        if (problem.MaxTime < LeastTime || problem is { MaxTime: null, MaxEvaluations: null })
            return "The search is bounded to less than 10 ms, in which one core searches as well.";
        return null;
    }
}
