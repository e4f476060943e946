namespace LlmScheduling.Simulation.Tests;

/// <summary>Data that stands beside the repository and is not part of it; tests that need it skip where it is absent.</summary>
internal static class SharedFolder
{
    /// <summary>The path of <paramref name="parts"/> under the folder; the test is skipped when it does not exist.</summary>
    public static string Require(params string[] parts)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "LlmScheduling.sln")))
            root = root.Parent;
        string path = Path.Combine([root?.Parent?.FullName ?? "", "shared", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"{Path.Combine(["shared", .. parts])} is not beside the repository.");
        return path;
    }
}
