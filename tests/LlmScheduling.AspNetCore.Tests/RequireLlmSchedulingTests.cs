using System.Net;
using LlmScheduling.AspNetCore.Tests.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.AspNetCore.Tests;

public sealed class RequireLlmSchedulingTests
{
    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Endpoint_WithAFreeSeat_RunsWithItsLeaseAndFreesIt(Server server)
    {
        AdmissionLease? held = null;
        InferenceRequest? queued = null;
        await using WebRig rig = await WebRig.StartAsync(server, app => app.MapGet("/", (HttpContext context) =>
        {
            (held, queued) = (context.GetAdmissionLease(), context.GetInferenceRequest());
            held!.ReportTokens(7);
            return "done";
        }).RequireLlmScheduling("chat"));

        Assert.Equal("done", await rig.Client().GetStringAsync("/"));

        EndedRequest ended = await rig.Seen.NextEndedAsync();
        Assert.Equal((RequestOutcome.Completed, FinishReason.Stop, 7), (ended.Outcome, ended.Finish, ended.GeneratedTokens));
        Assert.Same(queued, ended.Request);
        await rig.UntilFreeAsync();
    }

    [Fact]
    public async Task Endpoint_ThatCompletesItsLeaseItself_HasTheLastWord()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", (HttpContext context) => context.GetAdmissionLease()!.Complete(FinishReason.Length)).RequireLlmScheduling("chat"));

        await rig.Client().GetAsync("/");

        Assert.Equal(FinishReason.Length, (await rig.Seen.NextEndedAsync()).Finish);
    }

    [Theory]
    [InlineData(200, RequestOutcome.Completed)]
    [InlineData(404, RequestOutcome.Cancelled)]
    [InlineData(502, RequestOutcome.Failed)]
    public async Task Endpoint_ThatSaysNothing_EndsByItsStatus(int status, RequestOutcome outcome)
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", () => Results.StatusCode(status)).RequireLlmScheduling("chat"));

        await rig.Client().GetAsync("/");

        Assert.Equal(outcome, (await rig.Seen.NextEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Endpoint_ThatTheServersOwnTimeoutEnds_HasFailed()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app =>
        {
            app.Use(async (context, next) =>
            {
                var timeout = new TimedOut();
                context.Features.Set<IHttpRequestTimeoutFeature>(timeout);
                context.RequestAborted = timeout.RequestTimeoutToken;
                context.Items["timeout"] = timeout;
                await next(context);
            });
            app.MapGet("/", (HttpContext context) =>
            {
                ((TimedOut)context.Items["timeout"]!).Passes();
                context.RequestAborted.ThrowIfCancellationRequested();
            }).RequireLlmScheduling("chat");
        });

        await Assert.ThrowsAnyAsync<Exception>(() => rig.Client().GetAsync("/"));

        Assert.Equal(RequestOutcome.Failed, (await rig.Seen.NextEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Endpoint_OfAnotherKind_IsBehindTheGateToo()
    {
        await using WebRig rig = await WebRig.StartAsync(
            Server.Test,
            app =>
            {
                app.MapControllers().RequireLlmScheduling("chat");
                app.Map("/plain", (RequestDelegate)(context => context.Response.WriteAsync($"{context.GetAdmissionLease()!.IsAcquired}"))).RequireLlmScheduling("chat");
            },
            build: builder => builder.Services.AddControllers().AddApplicationPart(typeof(SeatController).Assembly));
        HttpClient client = rig.Client();

        Assert.Equal("True", await client.GetStringAsync("/controller"));
        Assert.Equal("True", await client.GetStringAsync("/plain"));
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Requirements_OfAGroupAndItsEndpoint_AreTheEndpointsAlone()
    {
        await using WebRig rig = await WebRig.StartAsync(
            Server.Test,
            app =>
            {
                RouteGroupBuilder group = app.MapGroup("/").RequireLlmScheduling("other");
                group.MapGet("/own", () => "own").RequireLlmScheduling("chat");
                group.MapGet("/groups", () => "group's");
            },
            build: builder => builder.Services.AddLlmAdmissionGate("other").ConfigureHttp(http => http.Describe = _ => ValueTask.FromResult(WebRig.Plain())));
        HttpClient client = rig.Client();

        Assert.Equal("own", await client.GetStringAsync("/own"));
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
        rig.App.Services.GetRequiredKeyedService<AdmissionGate>("other").Dispose();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/own")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/groups")).StatusCode);
    }

    [Fact]
    public async Task Configure_OfAnEndpoint_ComesAfterTheGates()
    {
        await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", (HttpContext context) => $"{context.GetInferenceRequest()!.PromptTokens}")
            .RequireLlmScheduling("chat", http => http.Describe = _ => ValueTask.FromResult(new InferenceRequest { PromptTokens = 77, MaxOutputTokens = 1 })));

        Assert.Equal("77", await rig.Client().GetStringAsync("/"));
    }

    [Fact]
    public async Task Gate_ThatIsNotRegistered_IsNamed()
    {
        InvalidOperationException fault = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", () => "").RequireLlmScheduling("chta"));
            await rig.Client().GetAsync("/");
        });

        Assert.Contains("AddLlmAdmissionGate(\"chta\")", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_OutOfRange_AreNamed()
    {
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await using WebRig rig = await WebRig.StartAsync(Server.Test, app => app.MapGet("/", () => "").RequireLlmScheduling("chat", http => http.MaxBodyBytes = -1));
            await rig.Client().GetAsync("/");
        });

        Assert.Contains("MaxBodyBytes is -1; it must be 0 or more", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_WhoseDescribeWouldTakeTheBodyFromTheEndpoint_AreNamed()
    {
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await using WebRig rig = await WebRig.StartAsync(
                Server.Test, app => app.MapPost("/", () => "").RequireLlmScheduling("chat"), http: http => (http.Describe, http.MaxBodyBytes) = (new HttpAdmissionOptions().Describe, 0));
            await rig.Client().PostAsync("/", null);
        });

        Assert.Contains("MaxBodyBytes is 0; it must be 1 or more unless Describe is set", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>What the middleware for request timeouts leaves with a request.</summary>
    private sealed class TimedOut : IHttpRequestTimeoutFeature
    {
        private readonly CancellationTokenSource _timeout = new();

        public CancellationToken RequestTimeoutToken => _timeout.Token;

        public void Passes() => _timeout.Cancel();

        public void DisableTimeout() => throw new NotSupportedException();
    }
}
