namespace LlmScheduling.Tool.Tests;

/// <summary>Cases and data that stand beside the repository on some machines and are no part of it.</summary>
internal static class SharedFolder
{
    /// <summary>The folder, or null where there is none.</summary>
    public static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
                continue;
            string shared = Path.Combine(folder.Parent!.FullName, "shared");
            return Directory.Exists(shared) ? shared : null;
        }

        return null;
    }
}
