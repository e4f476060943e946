using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore.Tests;

/// <summary>A seat is held until what the endpoint returns has been written, and freed whatever ends that.</summary>
public sealed class StreamingTests
{
    public static TheoryData<Server, string> Kinds =>
        [.. from server in Enum.GetValues<Server>() from kind in new[] { "/iresult", "/stream", "/sse", "/json", "/plain" } select new TheoryDataRow<Server, string>(server, kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Response_StillBeingWritten_HoldsTheSeat(Server server, string kind)
    {
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebRig rig = await WebRig.StartAsync(server, app => Map(app, half.Task));
        HttpClient client = rig.Client();

        using HttpResponseMessage response = await client.GetAsync(kind, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, rig.Gate.GetStatistics().FreeSeats);
        rig.Seen.AssertNobodyElseEnded();

        Task<HttpResponseMessage> next = client.GetAsync(kind);
        await rig.Seen.UntilLiveAsync(2);
        half.SetResult();

        string body = await response.Content.ReadAsStringAsync();
        Assert.Contains("first", body, StringComparison.Ordinal);
        Assert.Contains("second", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await next).StatusCode);
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Client_ThatDropsTheStream_FreesTheSeatForTheNext(Server server, string kind)
    {
        var half = new TaskCompletionSource();
        await using WebRig rig = await WebRig.StartAsync(server, app =>
        {
            Map(app, half.Task);
            app.MapGet("/next", () => "next").RequireLlmScheduling("chat");
        });
        HttpResponseMessage response = await rig.Client().GetAsync(kind, HttpCompletionOption.ResponseHeadersRead);
        Stream body = await response.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[1]) > 0);
        Task<string> next = rig.Client().GetStringAsync("/next");
        await rig.Seen.UntilLiveAsync(2);

        await body.DisposeAsync();
        response.Dispose();

        Assert.Equal(RequestOutcome.Cancelled, (await rig.Seen.NextEndedAsync()).Outcome);
        Assert.Equal("next", await next);
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
    }

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Endpoint_ThatThrowsBeforeTheFirstByte_FailsAndFreesTheSeat(Server server)
    {
        await using WebRig rig = await WebRig.StartAsync(server, app =>
        {
            app.UseExceptionHandler(failed => failed.Run(context => context.Response.WriteAsync("sorry")));
            app.MapGet("/", string () => throw new InvalidOperationException("broken")).RequireLlmScheduling("chat");
        });

        HttpResponseMessage response = await rig.Client().GetAsync("/");

        Assert.Equal((HttpStatusCode.InternalServerError, "sorry"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(RequestOutcome.Failed, (await rig.Seen.NextEndedAsync()).Outcome);
        await rig.UntilFreeAsync();
    }

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Endpoint_ThatThrowsAfterTheFirstByte_FailsAndShowsNoWholeAnswer(Server server)
    {
        await using WebRig rig = await WebRig.StartAsync(server, app => Map(app, Task.FromException(new InvalidOperationException("broken"))));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Client().GetStringAsync("/stream"));

        Assert.Equal(RequestOutcome.Failed, (await rig.Seen.NextEndedAsync()).Outcome);
        await rig.UntilFreeAsync();
    }

    private static void Map(WebApplication app, Task half)
    {
        app.MapGet("/iresult", () => new TwoParts(half)).RequireLlmScheduling("chat");
        app.MapGet("/stream", (HttpContext context) => Results.Stream(body => WriteAsync(new StreamWriter(body), half.WaitAsync(context.RequestAborted)), "text/plain")).RequireLlmScheduling("chat");
        app.MapGet("/sse", (HttpContext context) => TypedResults.ServerSentEvents(PartsAsync(half, context.RequestAborted))).RequireLlmScheduling("chat");
        app.MapGet("/json", (HttpContext context) => PartsAsync(half, context.RequestAborted)).RequireLlmScheduling("chat");
        app.MapGet("/plain", (RequestDelegate)(context => WriteAsync(new StreamWriter(context.Response.Body), half.WaitAsync(context.RequestAborted)))).RequireLlmScheduling("chat");
    }

    private static async Task WriteAsync(StreamWriter writer, Task half)
    {
        await writer.WriteAsync("first ");
        await writer.FlushAsync();
        await half;
        await writer.WriteAsync("second");
        await writer.FlushAsync();
    }

    private static async IAsyncEnumerable<string> PartsAsync(Task half, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // JSON is flushed by the buffer, not by the item.
        yield return "first" + new string(' ', 100_000);
        await half.WaitAsync(cancellationToken);
        yield return "second";
    }

    /// <summary>Writes after the endpoint's own code and its filters have returned.</summary>
    private sealed class TwoParts(Task half) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(new StreamWriter(httpContext.Response.Body), half.WaitAsync(httpContext.RequestAborted));
    }
}
