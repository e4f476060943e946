using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LlmScheduling.Simulation;

/// <summary>Sends a workload to a server over HTTP, each request at its time, and reads the streams.</summary>
internal sealed class LoadClient(Uri server, string model, double speed) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };

    public HttpClient Http => _http;

    /// <summary>Sends all, and waits for all.</summary>
    public async Task<SeenRequest[]> SendAsync(Workload workload)
    {
        long began = Stopwatch.GetTimestamp();
        var sent = new List<Task<SeenRequest>>();
        foreach (TraceRequest request in workload.Requests)
        {
            TimeSpan left = request.ArrivedAt / speed - Stopwatch.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
                await Task.Delay(left);
            sent.Add(SendAsync(request));
        }

        return await Task.WhenAll(sent);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends one, now.</summary>
    public async Task<SeenRequest> SendAsync(TraceRequest request)
    {
        string body = JsonSerializer.Serialize(new
        {
            model,
            stream = true,
            max_tokens = request.MaxOutputTokens,
            messages = new[] { new { role = "user", content = DemoLoad.PromptFor(request) } },
        });
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (request.TrafficClass.Length > 0)
            message.Headers.Add("X-Traffic-Class", request.TrafficClass);
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        double first = double.NaN;
        int pieces = 0;
        string? finish = null;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"delta\":{\"content\":", StringComparison.Ordinal) && pieces++ == 0)
                first = Since(began);
            else if (line.IndexOf("\"finish_reason\":\"", StringComparison.Ordinal) is > 0 and var at)
                finish = line[(at + 17)..line.IndexOf('"', at + 17)];
        }

        return new SeenRequest((int)response.StatusCode, first, Since(began), pieces, finish);
    }

    private double Since(long began) => Stopwatch.GetElapsedTime(began).TotalSeconds * speed;
}
