using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.Benchmarks;

/// <summary>What a free seat costs an HTTP request: the same endpoint with and without the gate, in turn, over one loopback connection of Kestrel.</summary>
internal static class EndpointLatency
{
    // The runtime compiles for good only after tens of thousands of requests.
    private const int Warmup = 40_000, Rounds = 20_000;

    public static async Task RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddLlmAdmissionGate("chat", gate => gate.MaxSequences = 4);
        await using WebApplication app = builder.Build();
        app.MapPost("/plain", Answer);
        app.MapPost("/gated", Answer).RequireLlmScheduling("chat");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        Console.WriteLine("| prompt, characters | endpoint | p10, us | p50, us | p90, us | p99, us |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|");
        foreach (int characters in new[] { 200, 20_000 })
        {
            byte[] body = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content = new string('x', characters) } }, max_tokens = 16 }));
            var plain = new double[Rounds];
            var gated = new double[Rounds];
            for (int i = -Warmup; i < Rounds; i++)
            {
                // Who goes first changes from round to round.
                bool plainFirst = i % 2 == 0;
                double first = await TimeAsync(client, plainFirst ? "/plain" : "/gated", body), second = await TimeAsync(client, plainFirst ? "/gated" : "/plain", body);
                if (i >= 0)
                    (plain[i], gated[i]) = plainFirst ? (first, second) : (second, first);
            }

            double[] p = Row(characters, "without the gate", plain), g = Row(characters, "with the gate", gated);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {characters} | added | {g[0] - p[0]:F1} | {g[1] - p[1]:F1} | {g[2] - p[2]:F1} | {g[3] - p[3]:F1} |"));
        }

        await app.StopAsync();
    }

    private static int Answer(JsonElement body) => body.GetProperty("max_tokens").GetInt32();

    private static async Task<double> TimeAsync(HttpClient client, string path, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await client.PostAsync(path, content);
        double microseconds = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        response.EnsureSuccessStatusCode();
        return microseconds;
    }

    private static double[] Row(int characters, string endpoint, double[] times)
    {
        Array.Sort(times);
        double[] row = [times[Rounds / 10], times[Rounds / 2], times[Rounds * 9 / 10], times[Rounds * 99 / 100]];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {characters} | {endpoint} | {row[0]:F1} | {row[1]:F1} | {row[2]:F1} | {row[3]:F1} |"));
        return row;
    }
}
