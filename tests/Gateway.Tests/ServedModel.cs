using LlmScheduling;
using Microsoft.AspNetCore.Builder;
using ModelServerTests;

namespace Gateway.Tests;

/// <summary>The sample model server on a port of its own, with an engine that runs freely: a real upstream.</summary>
internal sealed class ServedModel : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServedModel(SteppedEngine engine, WebApplication app) => (Engine, _app) = (engine, app);

    public SteppedEngine Engine { get; }

    public Uri Url => new(_app.Urls.Single());

    public static async Task<ServedModel> StartAsync()
    {
        var engine = new SteppedEngine();
        engine.RunFreely();
        WebApplication app = ModelServer.Build(engine, new ServerOptions { Url = "http://127.0.0.1:0", Stacks = [SchedulingStacks.Fcfs], Drain = TimeSpan.Zero });
        await app.StartAsync();
        return new ServedModel(engine, app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
