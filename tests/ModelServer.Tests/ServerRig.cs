using System.Net;
using System.Text;
using System.Text.Json;
using LlmScheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ModelServerTests;

/// <summary>The server on a free port of this machine, with an engine that the test steps, and a client.</summary>
internal sealed class ServerRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ServerRig(SteppedEngine engine, Ends ends, WebApplication app)
    {
        (Engine, Ends, App) = (engine, ends, app);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Patience };
    }

    public SteppedEngine Engine { get; }

    public Ends Ends { get; }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public Uri Url => Client.BaseAddress!;

    public BatchScheduler Scheduler => App.Services.GetRequiredService<BatchScheduler>();

    public static async Task<ServerRig> StartAsync(Func<ServerOptions, ServerOptions>? change = null, Action<BatchSchedulerOptions>? capacity = null, TimeProvider? time = null, bool runsFreely = false)
    {
        var engine = new SteppedEngine(time);
        capacity?.Invoke(engine.Capacity);
        if (runsFreely)
            engine.RunFreely();
        var options = new ServerOptions { Url = "http://127.0.0.1:0", Stacks = [SchedulingStacks.Fcfs, SchedulingStacks.Slo] };
        var ends = new Ends(engine);
        WebApplication app = ModelServer.Build(engine, change?.Invoke(options) ?? options, ends);
        await app.StartAsync();
        return new ServerRig(engine, ends, app);
    }

    /// <summary>A chat of one message; the answer has as many words as its last number says.</summary>
    public static string Chat(string content, int? maxTokens = null, bool stream = false, object? stop = null) =>
        JsonSerializer.Serialize(new { model = "stepped", messages = new[] { new { role = "user", content } }, max_tokens = maxTokens, stream, stop });

    public Task<HttpResponseMessage> PostAsync(string body, string path = "/v1/chat/completions", CancellationToken caller = default, string? trafficClass = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (trafficClass is not null)
            request.Headers.Add("X-Traffic-Class", trafficClass);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, caller);
    }

    /// <summary>Asks, and lets the engine run as long as it takes.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(string body, string path = "/v1/chat/completions")
    {
        using HttpResponseMessage response = await PostAsync(body, path);
        return (response.StatusCode, await JsonOf(response));
    }

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    /// <summary>Lets others work until what they do has shown.</summary>
    public static async Task UntilAsync(Func<bool> condition, Action? meanwhile = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            meanwhile?.Invoke();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Engine.RunFreely();
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
