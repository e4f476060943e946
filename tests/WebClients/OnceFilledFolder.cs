namespace WebClients;

/// <summary>A folder that is there whole or not at all, whoever else fills the same one at the same time, in this process or in another.</summary>
internal static class OnceFilledFolder
{
    /// <summary>Fills a folder beside <paramref name="path"/> and moves it there. Who comes second uses what the first has made.</summary>
    /// <param name="path">Where it is to be.</param>
    /// <param name="fill">Fills the folder that it is given; returns null, or why it could not.</param>
    /// <returns>Null once the folder is there; else what <paramref name="fill"/> returned.</returns>
    public static async Task<string?> EnsureAsync(string path, Func<string, Task<string?>> fill)
    {
        if (Directory.Exists(path))
            return null;
        string own = $"{path}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(own);
        try
        {
            if (await fill(own) is { } whyNot)
                return whyNot;
            try
            {
                Directory.Move(own, path);
            }
            catch (IOException) when (Directory.Exists(path))
            {
                // Another was faster.
            }

            return null;
        }
        finally
        {
            if (Directory.Exists(own))
                Directory.Delete(own, recursive: true);
        }
    }
}
