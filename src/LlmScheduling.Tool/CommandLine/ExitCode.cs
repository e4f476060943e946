namespace LlmScheduling.Tool;

/// <summary>What the process answers.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>A fault of ours, or a replay that did not drain.</summary>
    public const int Fault = 1;

    /// <summary>Bad usage or bad input.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted, as shells report it.</summary>
    public const int Interrupted = 130;
}
