namespace LlmScheduling.Tool;

/// <summary>Files that appear all together: each is written beside its target and moved into place by <see cref="Commit"/>, or leaves no trace.</summary>
internal sealed class OutputFiles : IDisposable
{
    private readonly List<(string Written, string Target)> _files = [];
    private readonly List<string> _madeDirectories = [];

    /// <summary>Makes <paramref name="directory"/> if it is missing, and checks that files can be written there.</summary>
    /// <exception cref="InputException">They cannot.</exception>
    public void Prepare(string option, string directory)
    {
        try
        {
            for (string? missing = directory; missing is not null && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing))
                _madeDirectories.Add(missing);
            Directory.CreateDirectory(directory);
            string probe = Beside(Path.Combine(directory, "probe"));
            File.Create(probe).Dispose();
            File.Delete(probe);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(option, directory, refused);
        }
    }

    /// <summary>Checks that a file can be at <paramref name="path"/>, making its folder if that is missing.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public void PrepareFile(string option, string path)
    {
        RefuseFolder(option, path);
        Prepare(option, Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes one file; it is not at <paramref name="target"/> before <see cref="Commit"/>.</summary>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public void Write(string option, string target, Action<Stream> write)
    {
        RefuseFolder(option, target);
        string beside = Beside(target);
        _files.Add((beside, target));
        try
        {
            using FileStream stream = File.Create(beside);
            write(stream);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(option, target, refused);
        }
    }

    /// <summary>Moves every file into place.</summary>
    /// <exception cref="InputException">A target cannot be replaced.</exception>
    public void Commit()
    {
        foreach ((string written, string target) in _files)
        {
            try
            {
                File.Move(written, target, overwrite: true);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw Unwritable("output", target, refused);
            }
        }

        _files.Clear();
        _madeDirectories.Clear();
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose()
    {
        foreach ((string written, _) in _files.Where(file => File.Exists(file.Written)))
            File.Delete(written);
        foreach (string directory in _madeDirectories.Where(Directory.Exists))
        {
            if (!Directory.EnumerateFileSystemEntries(directory).Any())
                Directory.Delete(directory);
        }
    }

    /// <summary>A folder in a file's place would be found out only when others had been moved.</summary>
    private static void RefuseFolder(string option, string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"{option} {path}", null, null, "a folder", "a file");
    }

    private static string Beside(string target) =>
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Environment.ProcessId}.tmp");

    private static InputException Unwritable(string option, string path, Exception refused) =>
        new($"{option} {path}", null, null, $"what cannot be written ({refused.Message.TrimEnd('.')})", "a place that can be written");
}
