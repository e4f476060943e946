using System.Net;
using System.Text;
using System.Text.Json;
using LlmScheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OnnxDecoder.Tests;

/// <summary>The server with a tiny model on a free port of this machine, and a client.</summary>
internal sealed class DecoderRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private DecoderRig(TemporaryModel model, OnnxEngine engine, WebApplication app)
    {
        (Model, Engine, App) = (model, engine, app);
        // Who leaves, leaves at once: by default the rest of an answer is still read for two seconds.
        Client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = new Uri(app.Urls.Single()), Timeout = Patience };
    }

    public TemporaryModel Model { get; }

    public OnnxEngine Engine { get; }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public BatchScheduler Scheduler => App.Services.GetRequiredService<BatchScheduler>();

    public static async Task<DecoderRig> StartAsync(DecoderShape? shape = null, Func<DecoderOptions, DecoderOptions>? change = null, Action<BatchSchedulerOptions>? capacity = null, params IReadOnlyList<ISchedulingObserver> observers)
    {
        var model = new TemporaryModel(shape);
        OnnxEngine engine = model.Load(change);
        capacity?.Invoke(engine.Capacity);
        WebApplication app = ModelServer.Build(engine, new ServerOptions { Url = "http://127.0.0.1:0", Stacks = [SchedulingStacks.Fcfs, SchedulingStacks.Slo] }, observers);
        await app.StartAsync();
        return new DecoderRig(model, engine, app);
    }

    /// <summary>A completion's body; greedy, unless a temperature is given.</summary>
    public static string Completion(string prompt, int maxTokens, bool stream = false, object? stop = null, double temperature = 0, long? seed = null) =>
        JsonSerializer.Serialize(new { model = "tiny", prompt, max_tokens = maxTokens, stream, stop, temperature, seed, stream_options = stream ? new { include_usage = true } : null });

    public Task<HttpResponseMessage> PostAsync(string body, CancellationToken caller = default) =>
        Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") }, HttpCompletionOption.ResponseHeadersRead, caller);

    /// <summary>Asks for a whole answer.</summary>
    public async Task<SeenAnswer> AskAsync(string body)
    {
        using HttpResponseMessage response = await PostAsync(body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        JsonElement root = JsonElement.Parse(text), choice = root.GetProperty("choices")[0], usage = root.GetProperty("usage");
        return new SeenAnswer(choice.GetProperty("text").GetString()!, choice.GetProperty("finish_reason").GetString(), usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
    }

    /// <summary>Asks for a streamed answer, and puts its pieces together.</summary>
    public async Task<SeenAnswer> StreamAsync(string body)
    {
        using HttpResponseMessage response = await PostAsync(body);
        string[] all = [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(data => data["data: ".Length..])];
        Assert.Equal("[DONE]", all[^1]);
        JsonElement usage = JsonElement.Parse(all[^2]).GetProperty("usage"), end = JsonElement.Parse(all[^3]).GetProperty("choices")[0];
        IEnumerable<string?> pieces = all.SkipLast(3).Select(data => JsonElement.Parse(data).GetProperty("choices")[0].GetProperty("text").GetString());
        return new SeenAnswer(string.Concat(pieces), end.GetProperty("finish_reason").GetString(), usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
    }

    /// <summary>Lets others work until what they do has shown.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        Model.Dispose();
    }
}
