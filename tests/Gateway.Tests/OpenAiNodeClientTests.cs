using System.Net;
using WebClients;

namespace Gateway.Tests;

/// <summary>The official npm client, as it comes.</summary>
public sealed class OpenAiNodeClientTests
{
    [Fact]
    public async Task NpmClient_OfTwoModelServers_StreamsAbortsAndUnderstandsErrors()
    {
        await NodeFolder.RequireAsync();
        await using ServedModel left = await ServedModel.StartAsync(), right = await ServedModel.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Seats = 2, [left.Url, right.Url]);

        await OpenAiNodeClient.AssertAsync(rig.Client.BaseAddress!, OpenAiNodeClient.Ordinary);

        // Who aborted holds no seat any more, neither here nor there.
        await rig.UntilFreeAsync(4);
        await GatewayRig.UntilAsync(() => left.Engine.Held.Count + right.Engine.Held.Count == 0);
        Assert.NotEmpty(left.Engine.Seen);
        Assert.NotEmpty(right.Engine.Seen);
        Assert.All(rig.Fleet.All, upstream => Assert.True(upstream.IsUp));
    }

    [Fact]
    public async Task NpmClient_OfAFullQueue_IsToldWhenToComeAgain_AndDoes()
    {
        await NodeFolder.RequireAsync();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.MaxQueuedRequests = 0, upstream);
        Task<HttpResponseMessage> running = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();

        await OpenAiNodeClient.AssertAsync(rig.Client.BaseAddress!, "queue full");

        Task checking = OpenAiNodeClient.AssertAsync(rig.Client.BaseAddress!, "queue full at first");
        while (!checking.IsCompleted && !(await rig.Client.GetStringAsync("/metrics")).Contains("outcome=\"queue_full\"} 2", StringComparison.Ordinal))
            await Task.Yield();
        await arrival.StreamAsync("ok");
        Arrival second = await upstream.NextAsync();
        await second.AnswerAsync(200, "application/json", """{"choices":[{"index":0,"message":{"role":"assistant","content":"w1 w2 w3 "},"finish_reason":"stop"}]}""");
        await checking;
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task NpmClient_OfAnUpstreamThatDiesInMidStream_TakesNothingForAWholeAnswer()
    {
        await NodeFolder.RequireAsync();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Script = async arrival =>
        {
            await arrival.SendAsync(Arrival.Word("w1 "));
            arrival.Die();
        };
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        await OpenAiNodeClient.AssertAsync(rig.Client.BaseAddress!, "cut in mid-stream");

        await rig.UntilFreeAsync(1);
    }

    [Fact]
    public async Task NpmClient_WhenOneOfTwoDiesBeforeItAnswers_IsServedByTheOther()
    {
        await NodeFolder.RequireAsync();
        await using FakeUpstream dying = await FakeUpstream.StartAsync();
        dying.Script = arrival =>
        {
            dying.IsWell = false;
            arrival.Die();
            return Task.CompletedTask;
        };
        await using ServedModel healthy = await ServedModel.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Seats = 2, [dying.Url, healthy.Url]);

        await OpenAiNodeClient.AssertAsync(rig.Client.BaseAddress!, "many at once", "whole");

        Assert.Equal([false, true], rig.Fleet.All.Select(upstream => upstream.IsUp));
    }
}
