using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.AspNetCore.Tests.Refusals;

public sealed class RefusalTests
{
    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Refused_QueueFull_Is429WithRetryAfterAndProblemDetails(Server server)
    {
        await using WebRig rig = await WebRig.StartAsync(server, Map, gate => gate.MaxQueuedRequests = 0);
        await rig.SeatAsync();

        using HttpResponseMessage refused = await rig.Client().GetAsync("/");

        JsonElement problem = await ProblemAsync(refused, HttpStatusCode.TooManyRequests, "queue_full");
        Assert.Equal("The queue is full.", problem.GetProperty("detail").GetString());
        Assert.Equal("Too Many Requests", problem.GetProperty("title").GetString());
        Assert.Equal("https://tools.ietf.org/html/rfc6585#section-4", problem.GetProperty("type").GetString());
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(1, problem.GetProperty("retry_after").GetInt32());
    }

    [Fact]
    public async Task Refused_AfterAServiceRateWasMeasured_TellsTheGatesEstimateInWholeSeconds()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, Map, gate => gate.MaxQueuedRequests = 1);
        AdmissionLease seat = await rig.SeatAsync();
        Task<AdmissionLease> next = rig.Gate.AcquireAsync(WebRig.Plain()).AsTask();
        rig.Clock.Advance(TimeSpan.FromSeconds(2.5));
        seat.Complete(FinishReason.Stop);
        await next;
        Task<AdmissionLease> waits = rig.Gate.AcquireAsync(WebRig.Plain()).AsTask();

        using HttpResponseMessage refused = await rig.Client().GetAsync("/");

        // One seat in 2.5 s was measured; the one who waits and one more take twice that.
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter!.Delta);
        Assert.False(waits.IsCompleted);
    }

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Refused_TimedOutInQueue_Is503(Server server)
    {
        await using WebRig rig = await WebRig.StartAsync(server, Map, http: http => http.Describe = _ => ValueTask.FromResult(WebRig.Plain(queueTimeout: TimeSpan.FromSeconds(3))));
        await rig.SeatAsync();
        Task<HttpResponseMessage> waiting = rig.Client().GetAsync("/");
        await rig.Seen.UntilLiveAsync(2);

        await WebRig.UntilAsync(() => rig.Clock.PendingTimers > 0);
        rig.Clock.Advance(TimeSpan.FromSeconds(3));

        await ProblemAsync(await waiting, HttpStatusCode.ServiceUnavailable, "timed_out_in_queue");
    }

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Refused_ShutDownWhileQueued_Is503(Server server)
    {
        await using WebRig rig = await WebRig.StartAsync(server, Map);
        await rig.SeatAsync();
        Task<HttpResponseMessage> waiting = rig.Client().GetAsync("/");
        await rig.Seen.UntilLiveAsync(2);

        rig.Gate.Dispose();

        await ProblemAsync(await waiting, HttpStatusCode.ServiceUnavailable, "shut_down");
    }

    [Fact]
    public async Task Refused_Displaced_Is429()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, Map, gate => (gate.MaxQueuedRequests, gate.QueueFull) = (1, QueueFullAction.Displace));
        await rig.SeatAsync();
        Task<HttpResponseMessage> waiting = rig.Client().GetAsync("/");
        await rig.Seen.UntilLiveAsync(2);

        Task<AdmissionLease> urgent = rig.Gate.AcquireAsync(WebRig.Plain(priority: -1)).AsTask();

        await ProblemAsync(await waiting, HttpStatusCode.TooManyRequests, "displaced");
        Assert.False(urgent.IsCompleted);
    }

    [Fact]
    public async Task Refused_Unattainable_Is429()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, Map);
        rig.Seen.Order = new RefusesAll();

        await ProblemAsync(await rig.Client().GetAsync("/"), HttpStatusCode.TooManyRequests, "unattainable");
    }

    [Fact]
    public async Task Refused_Unservable_Is413WithoutRetryAfter()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, Map, gate => gate.MaxTokens = 19);

        using HttpResponseMessage refused = await rig.Client().GetAsync("/");

        Assert.Null(refused.Headers.RetryAfter);
        JsonElement problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "unservable"), (refused.StatusCode, problem.GetProperty("outcome").GetString()));
        Assert.False(problem.TryGetProperty("retry_after", out _));
    }

    [Fact]
    public async Task OnRejected_WritesTheBody_AndMayChangeTheHead()
    {
        RejectedRequest? seen = null;
        await using WebRig rig = await WebRig.StartAsync(
            Server.Test,
            Map,
            gate => gate.MaxQueuedRequests = 0,
            http => http.OnRejected = rejected =>
            {
                seen = rejected;
                rejected.HttpContext.Response.StatusCode = 529;
                return rejected.HttpContext.Response.WriteAsync($"busy: {rejected.Outcome}");
            });
        await rig.SeatAsync();

        using HttpResponseMessage refused = await rig.Client().GetAsync("/");

        Assert.Equal((529, "busy: QueueFull"), ((int)refused.StatusCode, await refused.Content.ReadAsStringAsync()));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Equal((10, TimeSpan.FromSeconds(1)), (seen!.Request.PromptTokens, seen.RetryAfter));
    }

    [Fact]
    public async Task OnRejected_ThatOnlyWatches_CanWriteTheUsualBody()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, Map, gate => gate.MaxQueuedRequests = 0, http => http.OnRejected = rejected => rejected.WriteProblemAsync());
        await rig.SeatAsync();

        await ProblemAsync(await rig.Client().GetAsync("/"), HttpStatusCode.TooManyRequests, "queue_full");
    }

    [Fact]
    public async Task Refused_InAnApplicationWithProblemDetails_GoesByItsRules()
    {
        await using WebRig rig = await WebRig.StartAsync(
            Server.Test,
            Map,
            gate => gate.MaxQueuedRequests = 0,
            build: builder => builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context => context.ProblemDetails.Instance = "/here"));
        await rig.SeatAsync();

        JsonElement problem = await ProblemAsync(await rig.Client().GetAsync("/"), HttpStatusCode.TooManyRequests, "queue_full");

        Assert.Equal("/here", problem.GetProperty("instance").GetString());
    }

    [Fact]
    public async Task Refused_ClientThatAcceptsEventsOnly_GetsTheProblemNonetheless()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, Map, gate => gate.MaxQueuedRequests = 0, build: builder => builder.Services.AddProblemDetails());
        await rig.SeatAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/event-stream" } } };

        await ProblemAsync(await rig.Client().SendAsync(request), HttpStatusCode.TooManyRequests, "queue_full");
    }

    private static void Map(WebApplication app) => app.MapGet("/", () => "served").RequireLlmScheduling("chat");

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage refused, HttpStatusCode status, string outcome)
    {
        Assert.Equal(status, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        JsonElement problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((outcome, (int)status), (problem.GetProperty("outcome").GetString(), problem.GetProperty("status").GetInt32()));
        return problem;
    }

    private sealed class RefusesAll : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys) => keys.Fill(PriorityKey.Refuse);
    }
}
