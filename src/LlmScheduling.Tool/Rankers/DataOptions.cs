using System.CommandLine;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>The options that say where answered prompts are, and in which fields; shared by training and evaluation.</summary>
internal sealed class DataOptions(string purpose)
{
    /// <summary>The log.</summary>
    public Option<string?> Data { get; } = Text("--data", "D.jsonl[.gz]", $"Prompts and the lengths of their answers, to {purpose}: a JSON object in every line, such as {{\"prompt\": \"Hello\", \"response_tokens\": 9}}. - is standard input.");

    /// <summary>Where the prompt is.</summary>
    public Option<string?> PromptField { get; } = Text("--prompt-field", "F", "The field of the prompt's text (default: prompt). A path with dots leads into objects.");

    /// <summary>Where the length is.</summary>
    public Option<string?> LengthField { get; } = Text("--length-field", "F", "The field of the answer's tokens (default: response_tokens), such as usage.completion_tokens.");

    /// <summary>Where the reason of the end is.</summary>
    public Option<string?> FinishField { get; } = Text("--finish-field", "F", "The field of why the answer ended. One that says length or max_tokens was cut off: it is known to be longer than that, and is not taken for short.");

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [Data, PromptField, LengthField, FinishField];

    /// <summary>The fields as given.</summary>
    public ResponseFields Fields(ParseResult parsed, string? timeField = null) => new(
        NameOf(parsed, PromptField) ?? "prompt",
        NameOf(parsed, LengthField) ?? "response_tokens",
        NameOf(parsed, FinishField),
        timeField);

    /// <summary>An option of text.</summary>
    public static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    /// <summary>The name of a field; null where the option is not given.</summary>
    public static string? NameOf(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is not { } name ? null
        : name.Length > 0 ? name
        : throw new InputException(option.Name, null, null, "an empty name", "the name of a field");
}
