using System.Globalization;
using LlmScheduling;
using LlmScheduling.Simulation;

/// <summary>The demo's requests: chats that want a first token soon and code that wants to be done soon, at 1.2 times what the engine can serve.</summary>
internal static class DemoLoad
{
    public const double Load = 1.2;
    private const int Requests = 400, MaxTokens = 1_000;

    /// <summary>What the two classes are promised.</summary>
    public static SloTable Promises { get; } = new(
        new Dictionary<string, ServiceLevelObjective>
        {
            ["chat"] = new() { TimeToFirstToken = TimeSpan.FromSeconds(2), TimePerOutputToken = TimeSpan.FromMilliseconds(100) },
            ["code"] = new() { EndToEnd = TimeSpan.FromSeconds(10) },
        },
        null);

    /// <summary>Draws the requests.</summary>
    public static Workload For(EngineSettings engine)
    {
        Workload drawn = Workload.Generate(FormattableString.Invariant($"poisson:1:{Requests}"));
        var bounded = new Workload("demo", drawn.Requests.Select(request => request with { OutputTokens = Math.Min(request.OutputTokens, MaxTokens), MaxOutputTokens = MaxTokens }));
        return WorkloadScaling.AtLoad(bounded, engine, Load);
    }

    /// <summary>A prompt of just so many words that asks for an answer of just so many.</summary>
    public static string PromptFor(TraceRequest request)
    {
        string end = string.Create(CultureInfo.InvariantCulture, $"in {request.OutputTokens} words");
        return request.InputTokens <= 3 ? end : $"{string.Concat(Enumerable.Repeat("word ", request.InputTokens - 3))}{end}";
    }
}
