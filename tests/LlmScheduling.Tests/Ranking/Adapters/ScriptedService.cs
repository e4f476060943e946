using System.Net;
using System.Text;
using System.Text.Json;

namespace LlmScheduling.Tests.Ranking;

/// <summary>A scoring service: what it was sent, and what it answers; by default the length of each prompt.</summary>
internal sealed class ScriptedService : HttpMessageHandler
{
    public List<string[]> Batches { get; } = [];

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    public string? Answer { get; set; }

    public bool NeverAnswers { get; set; }

    public Exception? Fault { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using JsonDocument body = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
        string[] prompts = [.. body.RootElement.GetProperty("prompts").EnumerateArray().Select(prompt => prompt.GetString()!)];
        Batches.Add(prompts);
        if (NeverAnswers)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        if (Fault is not null)
            throw Fault;
        string answer = Answer ?? JsonSerializer.Serialize(new { prompts, scores = prompts.Select(prompt => prompt.Length + 0.5) });
        return new HttpResponseMessage(Status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
    }
}
