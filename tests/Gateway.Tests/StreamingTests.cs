using System.Net;
using System.Text;

namespace Gateway.Tests;

public sealed class StreamingTests
{
    [Fact]
    public async Task Stream_PassesAsItComes_ByteForByte()
    {
        // Comments, both line ends, several events in one part, a part that ends inside a character, and what is no JSON.
        byte[] whole = Encoding.UTF8.GetBytes($": ping\r\n\r\ndata: {{\"choices\":[{{\"delta\":{{\"content\":\"né\"}}}}]}}\r\n\r\nevent: odd\ndata: no JSON\n\n{Arrival.Word("two")}{Arrival.Word("three")}data: [DONE]\n\n");
        int inside = Array.IndexOf(whole, (byte)0xC3) + 1;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        arrival.Context.Response.Headers["X-Request-Id"] = "from upstream";
        byte[] seen = new byte[whole.Length];
        await arrival.SendAsync(whole[..inside]);
        using HttpResponseMessage response = await posted;
        Stream body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(seen.AsMemory(0, inside));
        await arrival.SendAsync(whole[inside..]);
        arrival.End();
        await body.ReadExactlyAsync(seen.AsMemory(inside));

        Assert.Equal(0, await body.ReadAsync(new byte[1]));
        Assert.Equal(whole, seen);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream; charset=utf-8"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal(["from upstream"], response.Headers.GetValues("X-Request-Id"));
        await rig.UntilFreeAsync(1);
    }

    [Fact]
    public async Task Answer_ThatIsNoStream_PassesByteForByte()
    {
        const string Answer = """ { "choices" : [{"message":{"content":"hi"},"finish_reason":"stop"}], "usage":{"completion_tokens":1}, "unknown":[1e5] }  """;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync("""{"prompt":"hi"}""", path: "/v1/completions?a=b");
        Arrival arrival = await upstream.NextAsync();
        Assert.Equal("/v1/completions?a=b", arrival.Target);
        await arrival.AnswerAsync(200, "application/json", Answer);

        Assert.Equal(Answer, await (await posted).Content.ReadAsStringAsync());
        await rig.UntilFreeAsync(1);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Refusal_ByTheUpstream_PassesAsItIs(int status)
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        await (await upstream.NextAsync()).AnswerAsync(status, "text/plain", "no, and not JSON");
        using HttpResponseMessage response = await posted;

        Assert.Equal((status, "no, and not JSON"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        await rig.UntilFreeAsync(1);
        Assert.True(rig.Fleet.All[0].IsUp);
    }

    [Fact]
    public async Task Answer_LongerThanIsChecked_PassesWhole()
    {
        string answer = $$"""{"choices":[{"text":"{{new string('x', 100_000)}}"}]}""";
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.MaxAnswerBytes = 1_000, upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        await (await upstream.NextAsync()).AnswerAsync(200, "application/json", answer);

        Assert.Equal(answer, await (await posted).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Headers_OfTheClient_ReachTheUpstream_ButThoseOfTheConnection()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(GatewayRig.Chat(), Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", "Bearer mine");
        request.Headers.Add("X-Of-This-Hop", "secret");
        request.Headers.Add("Connection", "X-Of-This-Hop");

        Task<HttpResponseMessage> posted = rig.Client.SendAsync(request);
        Arrival arrival = await upstream.NextAsync();
        await arrival.StreamAsync("ok");
        using HttpResponseMessage response = await posted;

        Assert.Equal("Bearer mine", arrival.Headers["Authorization"]);
        Assert.False(arrival.Headers.ContainsKey("X-Of-This-Hop"));
        Assert.Equal(upstream.Url.Authority, arrival.Headers["Host"]);
    }

    [Fact]
    public async Task ApiKey_OfTheGateway_StandsInPlaceOfTheClients()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.ApiKey = "ours", upstream);
        rig.Client.DefaultRequestHeaders.Add("Authorization", "Bearer mine");

        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        await arrival.StreamAsync("ok");
        using HttpResponseMessage response = await posted;

        Assert.Equal("Bearer ours", arrival.Headers["Authorization"]);
    }

    [Fact]
    public async Task Header_OfTheClient_InAnyScript_IsNoFaultOfTheUpstreams()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = rig.Client.BaseAddress };
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Name", "Zoë 世界");

        Task<HttpResponseMessage> posted = client.PostAsync("/v1/chat/completions", new StringContent(GatewayRig.Chat(), Encoding.UTF8, "application/json"));
        Arrival arrival = await upstream.NextAsync();
        await arrival.StreamAsync("ok");

        Assert.Equal(HttpStatusCode.OK, (await posted).StatusCode);
        Assert.Equal("Zoë 世界", arrival.Headers["X-Name"]);
        Assert.True(rig.Fleet.All[0].IsUp);
    }
}
