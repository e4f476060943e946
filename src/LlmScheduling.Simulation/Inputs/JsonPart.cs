using System.Text.Json;

namespace LlmScheduling.Simulation;

/// <summary>A value of a JSON file, and the line where it stands.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A string's characters, a number's digits, or the keyword.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Members">An object's members in the file's order, or an array's items named <c>[0]</c>, <c>[1]</c> and so on; empty for anything else.</param>
internal sealed record JsonPart(JsonValueKind Kind, string Text, long Line, IReadOnlyList<(string Name, JsonPart Value)> Members)
{
    /// <summary>How an error names it.</summary>
    public string Found => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"\"{Text}\"",
        _ => Text,
    };
}
