using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.AspNetCore.Tests.Requests;

public sealed class RequestReadingTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"hello you"},{"type":"image_url"}]}],"max_tokens":7,"priority":3}""";

    public static TheoryData<string> BadBodies =>
    [
        "", "{", "nonsense", "[]", "5", "null", "{}", "{\"messages\":5}", "{\"messages\":[5]}", "{\"messages\":[{\"content\":5}]}", "{\"messages\":[]}", "{\"messages\":[{\"content\":[]}]}", "{\"prompt\":null}", "{\"prompt\":\"\"}",
        "{\"prompt\":{}}", "{\"prompt\":[true]}", "{\"prompt\":\"a\",\"max_tokens\":-1}", "{\"prompt\":\"a\",\"max_tokens\":\"many\"}", "{\"prompt\":\"a\",\"max_tokens\":1e99}",
        "{\"prompt\":\"a\",\"max_tokens\":1.5}", "{\"prompt\":\"a\",\"max_completion_tokens\":[]}", "{\"prompt\":\"a\",\"priority\":99999999999}", "{\"prompt\":\"\\ud800\"}",
        "{\"prompt\":" + new string('[', 5_000),
    ];

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Body_ReadByTheDelegate_IsThereForTheEndpointToo(Server server)
    {
        await using WebRig rig = await WebRig.StartAsync(
            server,
            app => app.MapPost("/", (JsonElement body, HttpContext context) => $"{body.GetProperty("n").GetInt32()} {context.GetInferenceRequest()!.PromptTokens}").RequireLlmScheduling("chat"),
            http: http => http.Describe = async context =>
            {
                // This reader closes the body behind it.
                using var reader = new StreamReader(context.Request.Body);
                return new InferenceRequest { PromptTokens = (await reader.ReadToEndAsync()).Length, MaxOutputTokens = 1 };
            });

        using HttpResponseMessage response = await rig.Client().PostAsync("/", Json("{\"n\":42}"));

        Assert.Equal("42 8", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Body_WithoutALimitOfBytes_IsLeftToTheEndpoint()
    {
        await using WebRig rig = await WebRig.StartAsync(
            Server.Kestrel,
            app => app.MapPost("/", async (HttpContext context) => (await new StreamReader(context.Request.Body).ReadToEndAsync()).Length).RequireLlmScheduling("chat"),
            http: http => http.MaxBodyBytes = 0);

        using HttpResponseMessage response = await rig.Client().PostAsync("/", new StringContent(new string('x', 200_000)));

        Assert.Equal("200000", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(Server.Test, true)]
    [InlineData(Server.Test, false)]
    [InlineData(Server.Kestrel, true)]
    [InlineData(Server.Kestrel, false)]
    public async Task Body_LongerThanTheLimit_Is413(Server server, bool saysItsLength)
    {
        await using WebRig rig = await WebRig.StartAsync(server, app => app.MapPost("/", () => "").RequireLlmScheduling("chat"), http: http => http.MaxBodyBytes = 100_000);
        HttpContent body = saysItsLength ? new StringContent(new string('x', 100_001)) : new StreamContent(new Endless(200_000));

        using HttpResponseMessage response = await rig.Client().SendAsync(new HttpRequestMessage(HttpMethod.Post, "/") { Content = body, Headers = { TransferEncodingChunked = saysItsLength ? null : true } });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("longer than the 100000 bytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_ByDefault_ReadsAnOpenAiBody()
    {
        InferenceRequest? read = null;
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapPost("/", (HttpContext context) => read = context.GetInferenceRequest()).RequireLlmScheduling("chat"), http: OpenAi);
        HttpClient client = rig.Client();

        await client.PostAsync("/", Json(Chat));
        Assert.Equal(("be kind\nhello you", 5, 7, 3), (read!.Prompt.ToString(), read.PromptTokens, read.MaxOutputTokens, read.Priority));
        await client.PostAsync("/", Json("""{"prompt":["ab",[1,2,3]],"max_completion_tokens":9,"max_tokens":7}"""));
        Assert.Equal(("ab", 4, 9), (read!.Prompt.ToString(), read.PromptTokens, read.MaxOutputTokens));
        await client.PostAsync("/", Json("""{"input":"abcd","max_tokens":null}"""));
        Assert.Equal(("abcd", 1, 1_024, ""), (read!.Prompt.ToString(), read.PromptTokens, read.MaxOutputTokens, read.Tenant));
        await client.PostAsync("/", Json("""{"messages":null,"prompt":null,"input":"x"}"""));
        Assert.Equal(("x", 1), (read!.Prompt.ToString(), read.PromptTokens));
        await client.PostAsync("/", Json("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]}"""));
        Assert.Equal(("", 1), (read!.Prompt.ToString(), read.PromptTokens));
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Describe_ByDefaultOfABadBody_Is400(string body)
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapPost("/", () => "served").RequireLlmScheduling("chat"), http: OpenAi);

        using HttpResponseMessage response = await rig.Client().PostAsync("/", Json(body));

        await AssertBadAsync(response, "");
        Assert.Equal(1, rig.Gate.GetStatistics().FreeSeats);
    }

    [Theory]
    [InlineData("bad", HttpStatusCode.BadRequest)]
    [InlineData("form", HttpStatusCode.BadRequest)]
    [InlineData("missing", HttpStatusCode.BadRequest)]
    [InlineData("type", HttpStatusCode.BadRequest)]
    [InlineData("input", HttpStatusCode.BadRequest)]
    [InlineData("data", HttpStatusCode.BadRequest)]
    [InlineData("media", HttpStatusCode.UnsupportedMediaType)]
    public async Task Describe_ThatCannotReadTheRequest_IsTheClientsFault(string fault, HttpStatusCode status)
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", () => "").RequireLlmScheduling("chat"), http: http => http.Describe = _ => throw (fault switch
        {
            "bad" => new JsonException("no"),
            "form" => new FormatException(),
            "missing" => new KeyNotFoundException(),
            "type" => new InvalidOperationException(),
            "data" => new InvalidDataException(),
            "input" => new InputException("body", null, "n", "-1", "0 or more"),
            _ => new BadHttpRequestException("no", 415),
        }));

        using HttpResponseMessage response = await rig.Client().GetAsync("/");

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Body_ThatIsNotAsItWasPacked_IsTheClientsFault(string packing)
    {
        await using WebRig rig = await WebRig.StartAsync(
            Server.Kestrel,
            app =>
            {
                app.UseRequestDecompression();
                app.MapPost("/", () => "").RequireLlmScheduling("chat");
            },
            build: builder => builder.Services.AddRequestDecompression());
        var body = new StringContent("this is not packed");
        body.Headers.ContentEncoding.Add(packing);

        await AssertBadAsync(await rig.Client().PostAsync("/", body), "");
    }

    [Fact]
    public async Task Describe_ThatIsBroken_IsTheServersFault()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Kestrel, app => app.MapGet("/", () => "").RequireLlmScheduling("chat"), http: http => http.Describe = _ => throw new NotSupportedException());

        Assert.Equal(HttpStatusCode.InternalServerError, (await rig.Client().GetAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData(SchedulingHeaders.Priority, "high")]
    [InlineData(SchedulingHeaders.Priority, "1.5")]
    [InlineData(SchedulingHeaders.Priority, "99999999999")]
    [InlineData(SchedulingHeaders.Priority, "1,2")]
    [InlineData(SchedulingHeaders.TimeToFirstToken, "-1")]
    [InlineData(SchedulingHeaders.TimeToFirstToken, "NaN")]
    [InlineData(SchedulingHeaders.TimePerOutputToken, "1e400")]
    [InlineData(SchedulingHeaders.EndToEnd, "86400001")]
    [InlineData(SchedulingHeaders.QueueTimeout, "soon")]
    public async Task Header_OutOfForm_Is400AndNamed(string header, string value)
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", () => "").RequireLlmScheduling("chat"));

        using HttpResponseMessage response = await SendAsync(rig, (header, value));

        await AssertBadAsync(response, header);
    }

    [Fact]
    public async Task Header_Twice_Is400()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", () => "").RequireLlmScheduling("chat"));

        await AssertBadAsync(await SendAsync(rig, (SchedulingHeaders.Priority, "1"), (SchedulingHeaders.Priority, "2")), SchedulingHeaders.Priority);
    }

    [Fact]
    public async Task Headers_WithinTheLimits_AreTaken_AndBeyondThemRaised()
    {
        InferenceRequest? read = null;
        var limits = new ClientLimits
        {
            MostUrgentPriority = -2,
            ShortestTimes = new() { TimeToFirstToken = TimeSpan.FromMilliseconds(200) },
            LongestQueueTimeout = TimeSpan.FromSeconds(5),
        };
        await using WebRig rig = await WebRig.StartAsync(
            Server.Test, app => app.MapGet("/", (HttpContext context) => read = context.GetInferenceRequest()).RequireLlmScheduling("chat"), http: http => http.LimitsFor = _ => limits);

        await SendAsync(rig, (SchedulingHeaders.Priority, "-1"), (SchedulingHeaders.TimeToFirstToken, "250.5"), (SchedulingHeaders.EndToEnd, "1"), (SchedulingHeaders.QueueTimeout, "4000"));
        Assert.Equal((-1, TimeSpan.FromMilliseconds(250.5), null, TimeSpan.FromSeconds(4)), (read!.Priority, read.Objective!.TimeToFirstToken, read.Objective.EndToEnd, read.QueueTimeout));
        await SendAsync(rig, (SchedulingHeaders.Priority, "-9"), (SchedulingHeaders.TimeToFirstToken, "1"), (SchedulingHeaders.QueueTimeout, "60000"));
        Assert.Equal((-2, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5)), (read!.Priority, read.Objective!.TimeToFirstToken, read.QueueTimeout));
    }

    [Fact]
    public async Task Limits_ByDefault_AllowNothing()
    {
        InferenceRequest? read = null;
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapPost("/", (HttpContext context) => read = context.GetInferenceRequest()).RequireLlmScheduling("chat"), http: OpenAi);
        var asking = new HttpRequestMessage(HttpMethod.Post, "/") { Content = Json("""{"prompt":"a","priority":-100}"""), Headers = { { SchedulingHeaders.TimeToFirstToken, "1" } } };

        await rig.Client().SendAsync(asking);

        Assert.Equal((0, null), (read!.Priority, read.Objective));
    }

    private static void OpenAi(HttpAdmissionOptions http) => http.Describe = new HttpAdmissionOptions().Describe;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<HttpResponseMessage> SendAsync(WebRig rig, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/");
        foreach ((string name, string value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await rig.Client().SendAsync(request);
    }

    private static async Task AssertBadAsync(HttpResponseMessage response, string mentions)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonElement problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal(400, problem.GetProperty("status").GetInt32());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        Assert.Contains(mentions, body, StringComparison.Ordinal);
    }

    /// <summary>A body whose length nobody knows before it ends.</summary>
    private sealed class Endless(int length) : Stream
    {
        private int _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(count, _left);
            _left -= read;
            buffer.AsSpan(offset, read).Fill((byte)'x');
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
