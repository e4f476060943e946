using LlmScheduling.Tool;

namespace LlmScheduling.Tool.Tests;

/// <summary>Runs command lines in this process, in a folder of their own.</summary>
internal sealed class ToolRun : IDisposable
{
    public ToolRun() => Folder = Directory.CreateTempSubdirectory("llmsched-").FullName;

    public string Folder { get; }

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public byte[] Input { get; set; } = [];

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string Write(string name, string content)
    {
        File.WriteAllText(At(name), content);
        return name;
    }

    public string Read(string name) => File.ReadAllText(At(name));

    public string At(string name) => Path.Combine(Folder, name);

    public string[] Files() => [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal)];

    public Task<int> Run(params string[] arguments) => Run(TestContext.Current.CancellationToken, arguments);

    public async Task<int> Run(CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var host = new ToolHost { Output = output, Error = error, OpenInput = () => new MemoryStream(Input), WorkingDirectory = Folder };
        int exitCode = await CommandTree.RunAsync(arguments, host, cancellationToken);
        (Output, Error) = (output.ToString(), error.ToString());
        return exitCode;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
