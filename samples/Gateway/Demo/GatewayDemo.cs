using System.Text.Json;

namespace Gateway;

/// <summary>Shows the gateway on two servers of its own: eight chats on four seats, more urgent ones first, and one server that dies.</summary>
internal static class GatewayDemo
{
    public static async Task<int> RunAsync()
    {
        await using EchoUpstream left = await EchoUpstream.StartAsync("left"), right = await EchoUpstream.StartAsync("right");
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var options = new GatewayOptions { Seats = 2, Policy = "priority", WritePriority = true, Upstreams = { new() { Url = left.Url }, new() { Url = right.Url } } };
        await using WebApplication app = GatewayApp.Build(builder, options);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        int answered = 0;
        await ChatsAsync("both servers are well");
        right.Die();
        await ChatsAsync("the right one dies: what it fails goes to the left one");
        Console.WriteLine($"models: {await client.GetStringAsync("/v1/models")}");
        Console.WriteLine($"health: {await client.GetStringAsync("/healthz")}");
        await app.StopAsync();
        return answered == 16 ? 0 : 1;

        async Task ChatsAsync(string what)
        {
            Console.WriteLine($"{what}:");
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
                request.Headers.Add("X-Priority", $"{7 - number}");
                request.Content = JsonContent.Create(new { model = "echo", stream = true, max_tokens = 16, messages = new[] { new { role = "user", content = "Who are you?" } } });
                using HttpResponseMessage response = await client.SendAsync(request);
                string text = string.Concat((await response.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(WordOf));
                if (text.StartsWith("answered by ", StringComparison.Ordinal))
                    Interlocked.Increment(ref answered);
                Console.WriteLine($"  chat {number}: {(int)response.StatusCode} {text}");
            }));
        }
    }

    private static string WordOf(string line)
    {
        using JsonDocument part = JsonDocument.Parse(line["data: ".Length..]);
        return part.RootElement.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString()!;
    }
}
