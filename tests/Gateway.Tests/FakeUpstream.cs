using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests;

/// <summary>A server on a port of its own whose answers the test gives.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly Channel<Arrival> _arrivals = Channel.CreateUnbounded<Arrival>();
    private readonly WebApplication _app;

    private FakeUpstream(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public bool IsWell { get; set; } = true;

    /// <summary>What it waits for before it says whether it is well.</summary>
    public Task Health { get; set; } = Task.CompletedTask;

    public string Models { get; set; } = """{"object":"list","data":[{"id":"m"}]}""";

    /// <summary>Where set, answers by itself.</summary>
    public Func<Arrival, Task>? Script { get; set; }

    public static async Task<FakeUpstream> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var upstream = new FakeUpstream(app);
        app.MapGet("/health", async () =>
        {
            await upstream.Health;
            return Results.StatusCode(upstream.IsWell ? 200 : 503);
        });
        app.MapGet("/v1/models", () => Results.Text(upstream.Models, "application/json"));
        app.MapPost("/{**path}", upstream.TakeAsync);
        await app.StartAsync();
        return upstream;
    }

    public async Task<Arrival> NextAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(GatewayRig.Patience);

    public void AssertNobodyElseCame() => Assert.False(_arrivals.Reader.TryRead(out _));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var arrival = new Arrival(context, body.ToArray());
        if (Script is { } script)
        {
            await script(arrival);
            return;
        }

        _arrivals.Writer.TryWrite(arrival);
        await Task.WhenAny(arrival.Ended, arrival.Gone);
    }
}
