using System.Text;
using LlmScheduling;
using LlmScheduling.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests;

/// <summary>A gateway on a port of its own and on a manual clock, with one seat per upstream and no timeouts unless told otherwise, and clients of it.</summary>
internal sealed class GatewayRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;

    private GatewayRig(WebApplication app)
    {
        App = app;
        _client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()), Timeout = Patience };
    }

    public WebApplication App { get; }

    public HttpClient Client => _client;

    public ManualTimeProvider Clock => (ManualTimeProvider)App.Services.GetRequiredService<TimeProvider>();

    public AdmissionGate Gate => App.Services.GetRequiredService<AdmissionGate>();

    public UpstreamFleet Fleet => App.Services.GetRequiredService<UpstreamFleet>();

    public static Task<GatewayRig> StartAsync(params FakeUpstream[] upstreams) => StartAsync(_ => { }, [.. upstreams.Select(upstream => upstream.Url)]);

    public static Task<GatewayRig> StartAsync(Action<GatewayOptions> configure, params FakeUpstream[] upstreams) => StartAsync(configure, [.. upstreams.Select(upstream => upstream.Url)]);

    /// <summary>Starts one and waits until each upstream has been found well; where one is not, tell <paramref name="up"/>.</summary>
    public static async Task<GatewayRig> StartAsync(Action<GatewayOptions> configure, Uri[] upstreams, int? up = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var clock = new ManualTimeProvider();
        clock.Advance(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch);
        builder.Services.AddSingleton<TimeProvider>(clock);
        TimeSpan never = TimeSpan.FromDays(40);
        var options = new GatewayOptions { Seats = 1, QueueTimeout = never, FirstByteTimeout = never, StallTimeout = never, ProbeTimeout = never };
        options.Upstreams.AddRange(upstreams.Select(url => new UpstreamOptions { Url = url }));
        configure(options);
        WebApplication app = GatewayApp.Build(builder, options);
        await app.StartAsync();
        var rig = new GatewayRig(app);
        await rig.UntilUpAsync(up ?? upstreams.Length);
        return rig;
    }

    public static string Chat(string prompt = "hello", string more = "") => $$"""{"model":"m","stream":true,"messages":[{"role":"user","content":"{{prompt}}"}]{{more}}}""";

    /// <summary>Sends a chat and returns when the answer's headers are there.</summary>
    public Task<HttpResponseMessage> PostAsync(string body, int? priority = null, CancellationToken cancellationToken = default, string path = "/v1/chat/completions")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (priority is not null)
            request.Headers.Add("X-Priority", $"{priority}");
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public Task UntilUpAsync(int count) => UntilAsync(() => Fleet.All.Count(upstream => upstream.IsUp) == count);

    public Task UntilQueuedAsync(int count) => UntilAsync(() => Gate.GetStatistics().QueuedRequests == count);

    public Task UntilFreeAsync(int seats) => UntilAsync(() => Gate.GetStatistics().FreeSeats == seats);

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

    /// <summary>Moves the clock step by step until something has shown, and lets others work in between, so that what waits for them is not late.</summary>
    public async Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        for (int i = 1; !condition(); i++)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (i % 200 == 0)
                Clock.Advance(step);
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await App.StopAsync(now.Token);
        await App.DisposeAsync();
    }
}
