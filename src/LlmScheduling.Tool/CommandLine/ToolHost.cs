namespace LlmScheduling.Tool;

/// <summary>What a command may touch of the world outside it.</summary>
internal sealed class ToolHost
{
    /// <summary>The path that stands for standard input or output.</summary>
    public const string Standard = "-";

    private const int PipeWidth = 80;

    /// <summary>Results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Errors, one line each, and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Opens standard input, for the path <c>-</c>.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Relative paths start here.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Whether somebody watches standard error, and may be shown a progress bar.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether results go to a terminal.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Columns of a table.</summary>
    public int Width { get; init; } = PipeWidth;

    /// <summary>The host of this process.</summary>
    public static ToolHost OfProcess() => new()
    {
        Output = Console.Out,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        WorkingDirectory = Environment.CurrentDirectory,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsOutputTerminal = !Console.IsOutputRedirected,
        Width = Console.IsOutputRedirected ? PipeWidth : Math.Max(PipeWidth, Console.WindowWidth),
    };

    /// <summary>The full path of <paramref name="path"/>; <c>-</c> stays as it is.</summary>
    public string Locate(string path) => path == Standard ? path : Path.GetFullPath(path, WorkingDirectory);
}
