using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Prompts whose first words say how long their answers are.</summary>
internal static class StoryLog
{
    private static readonly string[] Things = ["rain", "Mars", "bread", "trees", "music", "rivers", "cats", "lamps"];

    public static string Prompt(int i) => string.Create(CultureInfo.InvariantCulture, $"{(i % 3) switch { 0 => "Say in one word what is", 1 => "Explain", _ => "Write a story about" }} {Things[i / 3 % 8]} and {Things[i / 24 % 8]}, number {i}.");

    public static int Tokens(int i) => (i % 3) switch { 0 => 5, 1 => 80, _ => 300 } + i * 31 % 17;

    /// <summary>As a log; the answers of which every ninth was cut off.</summary>
    public static string Lines(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(i => Line(Prompt(i), Tokens(i), i % 9 == 0 ? "length" : "stop")));

    public static string Line(string prompt, int tokens, string finish = "stop") =>
        JsonSerializer.Serialize(new { prompt, response_tokens = tokens, finish, at = 1_700_000_000 + tokens }) + "\n";
}
