using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

/// <summary>A log in which the first word decides most of an answer's length, and the topic nothing.</summary>
internal static class SampleLog
{
    private static readonly (string Verb, int Tokens)[] Verbs = [("Name", 4), ("Define", 30), ("Explain", 120), ("Compare", 200), ("Write a story about", 500)];
    private static readonly string[] Topics = ["cats", "the sea", "compilers", "tax law", "rain", "old maps", "chess", "bread", "fjords", "Mars"];

    public static LoggedResponse[] Of(int count, ulong seed = 1)
    {
        var random = new MoveRandom(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            (string verb, int tokens) = Verbs[random.NextBelow(Verbs.Length)];
            string prompt = $"{verb} {Topics[random.NextBelow(Topics.Length)]} and {Topics[random.NextBelow(Topics.Length)]}, number {i}.";
            return new LoggedResponse(prompt.AsMemory(), tokens / 2 + random.NextBelow(tokens), At: DateTimeOffset.UnixEpoch.AddMinutes(i));
        })];
    }
}
