using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Gateway.Tests;

/// <summary>Upstreams that die, stall or talk nonsense: the client gets a whole answer or an error, never part of one as if it were whole.</summary>
public sealed class FaultTests
{
    private const string StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task Upstream_ThatDiesBeforeItAnswers_IsReplacedByAnother()
    {
        await using FakeUpstream dying = await FakeUpstream.StartAsync(), other = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(dying, other);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat("the same"));
        dying.IsWell = false;
        (await dying.NextAsync()).Die();
        Arrival second = await other.NextAsync();
        Assert.Equal(GatewayRig.Chat("the same"), second.Text);
        await second.StreamAsync("all", "good");

        Assert.Equal(Arrival.Word("all") + Arrival.Word("good") + Arrival.Done, await (await posted).Content.ReadAsStringAsync());
        await rig.UntilUpAsync(1);
        await rig.UntilFreeAsync(1);
    }

    [Fact]
    public async Task Upstream_ThatDiesAfterItsHeaders_IsReplacedByAnother()
    {
        await using FakeUpstream dying = await FakeUpstream.StartAsync(), other = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(dying, other);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival first = await dying.NextAsync();
        first.Context.Response.ContentType = "text/event-stream";
        await first.Context.Response.StartAsync();
        first.Die();
        await (await other.NextAsync()).StreamAsync("fine");

        Assert.Equal(Arrival.Word("fine") + Arrival.Done, await (await posted).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Upstreams_ThatBothDie_AreTriedOnceEach()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(left, right);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        left.IsWell = right.IsWell = false;
        (await left.NextAsync()).Die();
        (await right.NextAsync()).Die();

        await AssertErrorAsync(await posted, HttpStatusCode.BadGateway, "server_error");
        left.AssertNobodyElseCame();
        right.AssertNobodyElseCame();
    }

    [Fact]
    public async Task Upstream_ThatIsNotThere_IsLeftOut()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var address = new Uri($"http://{nobody.LocalEndpoint}");
        nobody.Stop();
        await using FakeUpstream there = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(_ => { }, [address, there.Url], up: 1);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        await (await there.NextAsync()).StreamAsync("here");

        Assert.Equal(HttpStatusCode.OK, (await posted).StatusCode);
    }

    [Fact]
    public async Task Upstream_ThatDiesInMidStream_EndsTheClientsStreamWithAnErrorAndNoEnd()
    {
        await using FakeUpstream dying = await FakeUpstream.StartAsync(), other = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(dying, other);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        dying.IsWell = false;
        Arrival arrival = await dying.NextAsync();
        await arrival.SendAsync(Arrival.Word("half"));
        using HttpResponseMessage response = await posted;
        Stream body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[Arrival.Word("half").Length]);
        arrival.Die();

        await AssertCutAsync(body);
        other.AssertNobodyElseCame();
        await rig.UntilUpAsync(1);
        await rig.UntilFreeAsync(1);
    }

    [Fact]
    public async Task Stream_ThatEndsInOrderButWithoutItsLastEvent_IsNoSuccess()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        await arrival.SendAsync(Arrival.Word("half"));
        arrival.End();

        Stream body = await (await posted).Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[Arrival.Word("half").Length]);
        await AssertCutAsync(body);
    }

    [Fact]
    public async Task Connection_ThatClosesInMidStreamWithoutALength_IsNoSuccess()
    {
        using var raw = new RawUpstream(StreamHead + Arrival.Word("half"));
        await using GatewayRig rig = await GatewayRig.StartAsync(_ => { }, [raw.Url]);

        using HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat());
        Stream body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[Arrival.Word("half").Length]);

        await AssertCutAsync(body);
    }

    [Fact]
    public async Task Connection_ThatClosesAfterTheLastEvent_IsASuccess()
    {
        using var raw = new RawUpstream(StreamHead + Arrival.Word("whole") + "data: [DONE]");
        await using GatewayRig rig = await GatewayRig.StartAsync(_ => { }, [raw.Url]);

        using HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat());

        Assert.Equal(Arrival.Word("whole") + "data: [DONE]", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Upstream_ThatDoesNotAnswer_IsGivenUpInTime()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(), other = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.FirstByteTimeout = TimeSpan.FromMinutes(3), upstream, other);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        rig.Clock.Advance(TimeSpan.FromMinutes(3) - TimeSpan.FromTicks(1));
        Assert.False(arrival.Context.RequestAborted.IsCancellationRequested);
        rig.Clock.Advance(TimeSpan.FromTicks(1));

        await AssertErrorAsync(await posted, HttpStatusCode.GatewayTimeout, "server_error");
        await arrival.Gone;
        other.AssertNobodyElseCame();
    }

    [Fact]
    public async Task Upstream_ThatStallsInMidStream_IsGivenUpInTime()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.StallTimeout = TimeSpan.FromSeconds(40), upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        await arrival.SendAsync(Arrival.Word("half"));
        using HttpResponseMessage response = await posted;
        Stream body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[Arrival.Word("half").Length]);

        // The wait for the next part begins some time after the part was passed on.
        Task cut = AssertCutAsync(body);
        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => cut.IsCompleted);
        await cut;
        await arrival.Gone;
    }

    [Theory]
    [InlineData("this is not HTTP\r\n\r\n")]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"choices\":[")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{\"choices\":[")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", HttpStatusCode.Found)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\nloading")]
    [InlineData("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\n\r\n")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n")]
    public async Task Upstream_ThatTalksNonsense_IsReplacedByAnother_OrIsAnError(string answer, HttpStatusCode passes = HttpStatusCode.OK)
    {
        using var raw = new RawUpstream(answer);
        await using FakeUpstream other = await FakeUpstream.StartAsync();
        other.Script = arrival => arrival.StreamAsync("sense");
        await using (GatewayRig pair = await GatewayRig.StartAsync(_ => { }, [raw.Url, other.Url]))
        {
            using HttpResponseMessage replaced = await pair.PostAsync(GatewayRig.Chat());
            Assert.Equal(passes, replaced.StatusCode);
            Assert.Equal(passes == HttpStatusCode.OK ? Arrival.Word("sense") + Arrival.Done : "", await replaced.Content.ReadAsStringAsync());
        }

        await using GatewayRig alone = await GatewayRig.StartAsync(_ => { }, [raw.Url]);
        using HttpResponseMessage error = await alone.PostAsync(GatewayRig.Chat());
        if (passes == HttpStatusCode.OK)
            await AssertErrorAsync(error, HttpStatusCode.BadGateway, "server_error");
    }

    [Fact]
    public async Task Header_OfTheUpstream_ThatNobodyMaySend_IsLeftOut()
    {
        using var raw = new RawUpstream("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Odd: \u00e9\r\nX-Plain: e\r\nContent-Length: 2\r\n\r\n{}");
        await using GatewayRig rig = await GatewayRig.StartAsync(_ => { }, [raw.Url]);

        using HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat());

        Assert.Equal((HttpStatusCode.OK, "{}"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.False(response.Headers.Contains("X-Odd"));
        Assert.Equal(["e"], response.Headers.GetValues("X-Plain"));
    }

    [Fact]
    public async Task Upstream_ThatWasIll_ComesBackAfterAProbe()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        upstream.IsWell = false;
        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => !rig.Fleet.All[0].IsUp);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.Client.GetAsync("/healthz")).StatusCode);

        Task<HttpResponseMessage> waits = rig.PostAsync(GatewayRig.Chat());
        await rig.UntilQueuedAsync(1);
        upstream.AssertNobodyElseCame();
        upstream.IsWell = true;
        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => rig.Fleet.All[0].IsUp);
        await (await upstream.NextAsync()).StreamAsync("back");

        Assert.Equal(HttpStatusCode.OK, (await waits).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await rig.Client.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task Upstream_ThatIsWellButFailsEverything_IsAskedEverLater()
    {
        await using FakeUpstream liar = await FakeUpstream.StartAsync();
        liar.Script = arrival => arrival.AnswerAsync(503, "text/plain", "no");
        await using GatewayRig rig = await GatewayRig.StartAsync(liar);

        // Each request fails there twice, and the third failure in a row is forgiven only after a while.
        Assert.Equal(HttpStatusCode.BadGateway, (await rig.PostAsync(GatewayRig.Chat())).StatusCode);
        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        await rig.UntilQueuedAsync(1);
        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => rig.Fleet.All[0].Failures == 4);
        Assert.Equal(HttpStatusCode.BadGateway, (await posted).StatusCode);

        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(rig.Fleet.All[0].IsUp);
        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => rig.Fleet.All[0].IsUp);
    }

    [Fact]
    public async Task Upstream_ThatDoesNotSayWhetherItIsWell_IsLeftOut()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.ProbeTimeout = TimeSpan.FromSeconds(2), upstream);
        var silence = new TaskCompletionSource();
        upstream.Health = silence.Task;

        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => !rig.Fleet.All[0].IsUp);

        silence.SetResult();
        await rig.AdvanceUntilAsync(TimeSpan.FromMilliseconds(1), () => rig.Fleet.All[0].IsUp);
    }

    private static async Task AssertCutAsync(Stream body)
    {
        var rest = new List<byte>();
        byte[] part = new byte[1_000];
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            int read;
            while ((read = await body.ReadAsync(part)) > 0)
                rest.AddRange(part[..read]);
        });
        string said = Encoding.UTF8.GetString([.. rest]);
        Assert.StartsWith("\n\ndata: {\"error\":{\"message\":\"The upstream ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", said, StringComparison.Ordinal);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        Assert.Equal(status, response.StatusCode);
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        JsonElement error = body.RootElement.GetProperty("error");
        Assert.Equal(type, error.GetProperty("type").GetString());
        Assert.StartsWith("The upstream ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
