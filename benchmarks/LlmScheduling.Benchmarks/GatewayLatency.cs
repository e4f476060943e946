using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.Benchmarks;

/// <summary>What the sample gateway adds to a direct connection: the same stream from the same server, in turn with and without the gateway between, all in this process.</summary>
internal static class GatewayLatency
{
    private const int Warmup = 10_000, Rounds = 10_000, Events = 16;

    private static readonly byte[][] Parts =
    [
        .. Enumerable.Range(0, Events).Select(i => Encoding.UTF8.GetBytes($"data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"word{i} \"}}}}]}}\n\n")),
        "data: [DONE]\n\n"u8.ToArray(),
    ];

    public static async Task RunAsync()
    {
        await using WebApplication server = Server();
        await server.StartAsync();
        WebApplicationBuilder builder = Quiet();
        var options = new GatewayOptions { WritePriority = true };
        options.Upstreams.Add(new UpstreamOptions { Url = new Uri(server.Urls.Single()) });
        await using WebApplication gateway = GatewayApp.Build(builder, options);
        await gateway.StartAsync();
        using HttpClient direct = new() { BaseAddress = new Uri(server.Urls.Single()) }, through = new() { BaseAddress = new Uri(gateway.Urls.Single()) };

        Console.WriteLine("| prompt, characters | until | connection | p10, us | p50, us | p90, us | p99, us |");
        Console.WriteLine("|---:|---|---|---:|---:|---:|---:|");
        foreach (int characters in new[] { 200, 20_000 })
        {
            byte[] body = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { model = "m", stream = true, max_tokens = Events, messages = new[] { new { role = "user", content = new string('x', characters) } } }));
            double[] firstDirect = new double[Rounds], firstThrough = new double[Rounds], lastDirect = new double[Rounds], lastThrough = new double[Rounds];
            for (int i = -Warmup; i < Rounds; i++)
            {
                // Who goes first changes from round to round.
                bool directFirst = i % 2 == 0;
                (double First, double Last) one = await TimeAsync(directFirst ? direct : through, body), two = await TimeAsync(directFirst ? through : direct, body);
                if (i < 0)
                    continue;
                ((firstDirect[i], lastDirect[i]), (firstThrough[i], lastThrough[i])) = directFirst ? (one, two) : (two, one);
            }

            Compare(characters, "first byte", firstDirect, firstThrough);
            Compare(characters, "end", lastDirect, lastThrough);
        }

        await gateway.StopAsync();
        await server.StopAsync();
    }

    private static WebApplication Server()
    {
        WebApplication server = Quiet().Build();
        server.MapGet("/health", () => Results.Ok());
        server.MapPost("/v1/chat/completions", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "text/event-stream";
            foreach (byte[] part in Parts)
            {
                await context.Response.Body.WriteAsync(part);
                await context.Response.Body.FlushAsync();
            }
        });
        return server;
    }

    private static WebApplicationBuilder Quiet()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    private static async Task<(double First, double Last)> TimeAsync(HttpClient client, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } } };
        byte[] part = new byte[4_096];
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        int total = await stream.ReadAsync(part), read;
        double first = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        while ((read = await stream.ReadAsync(part)) > 0)
            total += read;
        double last = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        return total == Parts.Sum(bytes => bytes.Length) ? (first, last) : throw new InvalidOperationException($"{total} bytes came.");
    }

    private static void Compare(int characters, string until, double[] direct, double[] through)
    {
        double[] d = Percentiles(direct), t = Percentiles(through);
        Row("direct", d);
        Row("gateway", t);
        Row("added", [.. t.Zip(d, (with, without) => with - without)]);

        void Row(string connection, double[] row) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {characters} | {until} | {connection} | {row[0]:F1} | {row[1]:F1} | {row[2]:F1} | {row[3]:F1} |"));
    }

    private static double[] Percentiles(double[] times)
    {
        Array.Sort(times);
        return [times[Rounds / 10], times[Rounds / 2], times[Rounds * 9 / 10], times[Rounds * 99 / 100]];
    }
}
