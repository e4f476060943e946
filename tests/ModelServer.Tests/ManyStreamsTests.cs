using LlmScheduling.Simulation;
using Microsoft.AspNetCore.Builder;

namespace ModelServerTests;

public sealed class ManyStreamsTests
{
    [Fact]
    public async Task TwoThousandStreams_AtOnce_AreAllAnsweredToTheirEnd()
    {
        const int Streams = 2_000, Words = 8;
        EngineSettings settings = EngineFile.Read(Path.Combine(AppContext.BaseDirectory, "engines", "h100-llama2-70b.json")) with { MaxSequences = Streams };
        var engine = new EmbeddedEngine(settings, speed: 50);
        await using WebApplication app = ModelServer.Build(engine, new ServerOptions { Url = "http://127.0.0.1:0" });
        await app.StartAsync();
        using var client = new LoadClient(new Uri(app.Urls.Single()), engine.Model, speed: 50);
        var workload = new Workload("streams", Enumerable.Range(0, Streams).Select(i => new TraceRequest
        {
            Id = $"{i}",
            ArrivedAt = TimeSpan.Zero,
            InputTokens = 10,
            OutputTokens = Words,
            MaxOutputTokens = Words + 1,
        }));
        SeenRequest[] seen = await client.SendAsync(workload).WaitAsync(ServerRig.Patience);
        Assert.All(seen, request => Assert.Equal((200, Words, "stop"), (request.Status, request.Pieces, request.Finish)));
        await ServerRig.UntilAsync(() => engine.Held == 0);
        await app.StopAsync();
    }
}
