namespace LlmScheduling.Testing.Tests;

internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
