namespace LlmScheduling.Testing.Tests;

/// <summary>All that is broken.</summary>
internal static class Zoo
{
    public static IReadOnlyDictionary<string, Specimen> All { get; } =
        PolicyZoo.All.Concat(DecoratorZoo.All).Concat(RunZoo.All).Concat(RankerZoo.All).ToDictionary(specimen => specimen.Name);

    /// <summary>Those that no single case shows: the law looks again when it has seen them all.</summary>
    public static IReadOnlySet<string> ShowAfterAllCases { get; } = new HashSet<string> { "sorts with LINQ", "reads a coarse clock" };
}
