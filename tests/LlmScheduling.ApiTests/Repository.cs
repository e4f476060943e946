using System.Xml.Linq;

namespace LlmScheduling.ApiTests;

/// <summary>The checked-out files that the tests read.</summary>
internal static class Repository
{
    private static readonly string[] BuildFolders = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>The packages, by project name, with the assembly that each holds.</summary>
    public static IReadOnlyDictionary<string, string> Packages { get; } = Files("src", "*.csproj").ToDictionary(
        path => Path.GetFileNameWithoutExtension(path),
        path => XDocument.Load(Absolute(path)).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(path));

    /// <summary>Files below <paramref name="folder"/>, relative to the root with forward slashes; nothing that a build made.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Absolute(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => BuildFolders.Contains(part) || (part.Length > 1 && part[0] == '.' && part != ".ci")))
            .Order(StringComparer.Ordinal);

    public static string Absolute(string path) => Path.Combine(Root, path);

    public static string[] Lines(string path) => File.ReadAllLines(Absolute(path));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No LlmScheduling.sln above {AppContext.BaseDirectory}.");
    }
}
