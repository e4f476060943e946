using System.Text;
using System.Text.Json;

namespace LlmScheduling.Testing.Tests;

/// <summary>A scoring service that scores by length.</summary>
internal sealed class LengthService : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using JsonDocument body = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
        double[] scores = [.. body.RootElement.GetProperty("prompts").EnumerateArray().Select(prompt => Math.Log(1 + prompt.GetString()!.Length))];
        return new HttpResponseMessage { Content = new StringContent(JsonSerializer.Serialize(new { scores }), Encoding.UTF8, "application/json") };
    }
}
