using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ModelServerTests;

public sealed class HostileBodyTests
{
    private const string Valid = """{"model": "stepped", "messages": [{"role": "user", "content": "count to 3"}], "max_tokens": 5, "temperature": 0.5, "stop": ["w9"], "stream": false}""";

    public static TheoryData<string, string> Bodies => new()
    {
        { "", "JSON" },
        { "null", "object" },
        { "[]", "object" },
        { "\"text\"", "object" },
        { "{", "JSON" },
        { "{}", "model" },
        { """{"model": 5}""", "model" },
        { """{"model": "stepped"}""", "messages" },
        { """{"model": "stepped", "messages": []}""", "messages" },
        { """{"model": "stepped", "messages": "hello"}""", "messages" },
        { """{"model": "stepped", "messages": [5]}""", "messages[0]" },
        { """{"model": "stepped", "messages": [{"content": "x"}]}""", "role" },
        { """{"model": "stepped", "messages": [{"role": "king", "content": "x"}]}""", "role" },
        { """{"model": "stepped", "messages": [{"role": "user", "content": 5}]}""", "content" },
        { """{"model": "stepped", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}""", "text" },
        { """{"model": "stepped", "messages": [{"role": "user", "content": ""}]}""", "empty" },
        { """{"model": "stepped", "messages": [{"role": "user", "content": "\ud800"}]}""", "Unicode" },
        { With("\"max_tokens\": -1"), "max_tokens" },
        { With("\"max_tokens\": 0"), "max_tokens" },
        { With("\"max_tokens\": 1.5"), "max_tokens" },
        { With("\"max_tokens\": \"many\""), "max_tokens" },
        { With("\"max_tokens\": 99999999999999999999"), "max_tokens" },
        { With("\"max_tokens\": 2147483647"), "context" },
        { With("\"max_completion_tokens\": -5"), "max_completion_tokens" },
        { With("\"stream\": \"yes\""), "stream" },
        { With("\"stream_options\": 1"), "stream_options" },
        { With("\"temperature\": 3"), "temperature" },
        { With("\"temperature\": 1e999"), "temperature" },
        { With("\"top_p\": -0.1"), "top_p" },
        { With("\"n\": 2"), "n" },
        { With("\"stop\": 5"), "stop" },
        { With("\"stop\": [\"\"]"), "stop" },
        { With("\"stop\": [\"a\", \"b\", \"c\", \"d\", \"e\"]"), "stop" },
        { With("\"seed\": \"x\""), "seed" },
        { With("\"priority\": \"now\""), "priority" },
        { With("\"user\": {}"), "user" },
        { With("\"tools\": [{}]"), "tools" },
        { With("\"logprobs\": true"), "logprobs" },
        { With("\"frequency_penalty\": 0.5"), "frequency_penalty" },
        { With("\"presence_penalty\": -1"), "presence_penalty" },
        { With("\"response_format\": {\"type\": \"json_object\"}"), "response_format" },
        { new string('[', 100_000), "deep" },
        { With($"\"deep\": {new string('[', 500)}{new string(']', 500)}"), "deep" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_ThatCannotBeServed_Is400_AndSaysWhy(string body, string expected)
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (HttpStatusCode status, JsonElement answer) = await rig.AskAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        JsonElement error = answer.GetProperty("error");
        Assert.Contains(expected, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(0, rig.Engine.Steps);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model": "stepped", "messages": []}""", 400)]
    [InlineData("/v1/completions", """{"model": "stepped", "prompt": ["a", "b"]}""", 400)]
    [InlineData("/v1/completions", """{"model": "stepped", "prompt": [1, 2]}""", 400)]
    [InlineData("/v1/completions", """{"model": "other", "prompt": "a"}""", 404)]
    [InlineData("/v1/nothing", "{}", 404)]
    [InlineData("/v1/models", "{}", 405)]
    public async Task Path_ThatCannotBeServed_SaysWhy(string path, string body, int expected)
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (HttpStatusCode status, JsonElement answer) = await rig.AskAsync(body, path);
        Assert.Equal(expected, (int)status);
        Assert.NotEqual("", answer.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task TrafficClass_ThatIsUnknown_Is400()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        using HttpResponseMessage refused = await rig.PostAsync(Valid, trafficClass: "urgent");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HugeBody_Is413(bool saysItsLength)
    {
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { MaxBodyBytes = 10_000 }, runsFreely: true);
        byte[] bytes = Encoding.UTF8.GetBytes(ServerRig.Chat(new string('x', 20_000)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StreamContent(new MemoryStream(bytes)) };
        request.Headers.TransferEncodingChunked = !saysItsLength;
        if (saysItsLength)
            request.Content.Headers.ContentLength = bytes.Length;
        using HttpResponseMessage refused = await rig.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("error", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HalfSentBody_OfAClientThatLeaves_LeavesNothingBehind()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(rig.Url.Host, rig.Url.Port);
            await socket.GetStream().WriteAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n{\"model\""u8.ToArray());
        }

        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(Valid)).Status);
        Assert.Single(rig.Engine.Seen);
    }

    [Fact]
    public async Task Bodies_ChangedAtRandom_AreServedOrRefused_ButNeverFail()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        for (int seed = 0; seed < 400; seed++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, seed % 4 == 0 ? "/v1/completions" : "/v1/chat/completions") { Content = new ByteArrayContent(Changed(seed)) };
            using HttpResponseMessage response = await rig.Client.SendAsync(request);
            Assert.True((int)response.StatusCode is 200 or (>= 400 and < 500), $"Seed {seed}: {response.StatusCode} for {Encoding.UTF8.GetString(Changed(seed))}");
            Assert.NotEqual("", await response.Content.ReadAsStringAsync());
        }

        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
    }

    private static string With(string member) => $$"""{"model": "stepped", "messages": [{"role": "user", "content": "count to 3"}], {{member}}}""";

    /// <summary>The valid body with a few bytes replaced, removed or doubled; equal seeds give equal bodies.</summary>
    private static byte[] Changed(int seed)
    {
        var random = new Random(seed);
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(Valid)];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    int count = random.Next(1, bytes.Count - at + 1);
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
            }
        }

        return [.. bytes];
    }
}
