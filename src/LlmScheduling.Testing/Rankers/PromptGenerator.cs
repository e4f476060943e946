using FsCheck.Fluent;
using FsCheck;
using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>Draws batches of prompts: questions, code, repetition, other scripts, emoji, control and broken characters, one letter, and very long ones.</summary>
internal static class PromptGenerator
{
    private const int MostPrompts = 8, VeryLong = 60_000;

    private static readonly string[] Words =
    [
        "write", "a", "short", "story", "about", "explain", "why", "the", "sky", "is", "blue", "list", "10", "steps", "def", "main():", "return", "x+1;", "\n",
        "{\"key\":", "null}", "Übersetze", "naïve", "東京", "の", "天気", "Привет", "مرحبا", "🙂", "👩‍👩‍👧", "e\u0301", "\u0000", "\ud800", "\u200b",
    ];

    public static Arbitrary<PromptBatch> Batches { get; } = Arb.From(
        Gen.Sized(size =>
            from high in Gen.Choose(0, int.MaxValue)
            from low in Gen.Choose(0, int.MaxValue)
            select Draw(((ulong)high << 32) | (uint)low, 1 + size)),
        Smaller);

    private static PromptBatch Draw(ulong seed, int size)
    {
        var random = new SeededRandom(seed);
        return new PromptBatch([.. Enumerable.Range(0, 1 + random.NextBelow(MostPrompts)).Select(_ => Prompt(random, size))]);
    }

    private static string Prompt(SeededRandom random, int size)
    {
        int kind = random.NextBelow(40);
        return kind == 0 ? new string('a', VeryLong)
            : kind == 1 ? string.Concat(Enumerable.Repeat("long prompt ", VeryLong / 12))
            : kind == 2 ? "x"
            : string.Join(' ', Enumerable.Range(0, 1 + random.NextBelow(size)).Select(_ => Words[random.NextBelow(Words.Length)]));
    }

    private static IEnumerable<PromptBatch> Smaller(PromptBatch batch)
    {
        for (int i = 0; i < batch.Prompts.Count && batch.Prompts.Count > 1; i++)
            yield return new PromptBatch([.. batch.Prompts.Take(i), .. batch.Prompts.Skip(i + 1)]);
        for (int i = 0; i < batch.Prompts.Count; i++)
        {
            string prompt = batch.Prompts[i];
            foreach (string shorter in prompt.Length <= 1 ? [] : new[] { prompt[..(prompt.Length / 2)], prompt[(prompt.Length / 2)..], prompt[1..] })
                yield return new PromptBatch([.. batch.Prompts.Take(i), shorter, .. batch.Prompts.Skip(i + 1)]);
        }
    }
}
