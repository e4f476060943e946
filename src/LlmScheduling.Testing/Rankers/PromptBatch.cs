using System.Globalization;
using System.Text;

namespace LlmScheduling.Testing;

/// <summary>Prompts to score together.</summary>
internal sealed record PromptBatch(IReadOnlyList<string> Prompts)
{
    /// <summary>The batch as a C# expression.</summary>
    public override string ToString() => $"[{string.Join(", ", Prompts.Select(Quoted))}]";

    private static string Quoted(string prompt)
    {
        var text = new StringBuilder("\"");
        foreach (char letter in prompt.AsSpan(0, Math.Min(prompt.Length, 200)))
        {
            if (letter is '"' or '\\')
                text.Append('\\').Append(letter);
            else if (letter is < ' ' or > '~')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                text.Append(letter);
        }

        return text.Append(prompt.Length > 200 ? string.Create(CultureInfo.InvariantCulture, $"\" /* {prompt.Length} characters */") : "\"").ToString();
    }
}
