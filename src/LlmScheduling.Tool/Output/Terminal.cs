using Spectre.Console;

namespace LlmScheduling.Tool;

/// <summary>Spectre's console over a writer: colours and moving text for a terminal, plain text otherwise.</summary>
internal static class Terminal
{
    /// <summary>A console of at least <paramref name="width"/> columns.</summary>
    public static IAnsiConsole Of(TextWriter writer, bool isTerminal, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        console.Profile.Width = Math.Max(width, console.Profile.Width);
        return console;
    }
}
