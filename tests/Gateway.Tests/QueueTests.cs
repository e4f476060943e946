using System.Net;
using System.Text.Json;

namespace Gateway.Tests;

/// <summary>The central queue: its order, which upstream the next one gets, and what becomes of those who get none.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task Request_IsBoundToTheUpstreamThatIsFreeFirst_InThePolicysOrder()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Policy = "priority", left, right);
        Task<HttpResponseMessage> one = rig.PostAsync(GatewayRig.Chat("one")), two = rig.PostAsync(GatewayRig.Chat("two"));
        Arrival atLeft = await left.NextAsync(), atRight = await right.NextAsync();
        var later = new List<Task<HttpResponseMessage>>();
        foreach (int priority in new[] { 3, 1, 2 })
        {
            later.Add(rig.PostAsync(GatewayRig.Chat($"of {priority}"), priority));
            await rig.UntilQueuedAsync(later.Count);
        }

        // Only the right one is ever free: it gets all three, the most urgent first.
        await atRight.StreamAsync("ok");
        foreach (int priority in new[] { 1, 2, 3 })
        {
            Arrival next = await right.NextAsync();
            Assert.Equal(GatewayRig.Chat($"of {priority}"), next.Text);
            left.AssertNobodyElseCame();
            await next.StreamAsync("ok");
        }

        await atLeft.StreamAsync("ok");
        Assert.All(await Task.WhenAll([one, two, .. later]), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Seats_OfUpstreamsThatDiffer_AreKept()
    {
        await using FakeUpstream small = await FakeUpstream.StartAsync(), large = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Upstreams[1].Seats = 3, small, large);

        Task<HttpResponseMessage>[] posted = [.. Enumerable.Range(0, 6).Select(i => rig.PostAsync(GatewayRig.Chat($"{i}")))];
        Arrival[] there = [await small.NextAsync(), await large.NextAsync(), await large.NextAsync(), await large.NextAsync()];
        await rig.UntilQueuedAsync(2);
        small.AssertNobodyElseCame();
        large.AssertNobodyElseCame();
        small.Script = large.Script = arrival => arrival.StreamAsync("ok");
        foreach (Arrival arrival in there)
            await arrival.StreamAsync("ok");

        Assert.All(await Task.WhenAll(posted), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Memory_OfUpstreams_DecidesWhereTheNextGoes()
    {
        await using FakeUpstream small = await FakeUpstream.StartAsync(), large = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(
            options =>
            {
                options.Seats = 4;
                (options.Upstreams[0].KvTokens, options.Upstreams[1].KvTokens) = (1_000, 3_000);
            },
            small,
            large);
        string body = GatewayRig.Chat("hi", ",\"max_tokens\":900");

        // 3,000 against 1,000, then about 2,100, 1,200 and 300: the small one gets the fourth.
        Task<HttpResponseMessage>[] posted = new Task<HttpResponseMessage>[4];
        var there = new List<Arrival>();
        for (int i = 0; i < 4; i++)
        {
            posted[i] = rig.PostAsync(body);
            there.Add(await (i < 3 ? large : small).NextAsync());
        }

        foreach (Arrival arrival in there)
            await arrival.StreamAsync("ok");
        Assert.All(await Task.WhenAll(posted), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Queue_ThatIsFull_IsA429WithRetryAfter()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.MaxQueuedRequests = 1, upstream);
        Task<HttpResponseMessage> served = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        Task<HttpResponseMessage> waits = rig.PostAsync(GatewayRig.Chat());
        await rig.UntilQueuedAsync(1);

        using HttpResponseMessage refused = await rig.PostAsync(GatewayRig.Chat());

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        using JsonDocument body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal(("rate_limit_error", "queue_full"), (body.RootElement.GetProperty("error").GetProperty("type").GetString(), body.RootElement.GetProperty("error").GetProperty("code").GetString()));
        await arrival.StreamAsync("ok");
        await (await upstream.NextAsync()).StreamAsync("ok");
        Assert.All(await Task.WhenAll(served, waits), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Wait_ThatIsTooLong_IsA503()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.QueueTimeout = TimeSpan.FromSeconds(20), upstream);
        Task<HttpResponseMessage> served = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        Task<HttpResponseMessage> waits = rig.PostAsync(GatewayRig.Chat());
        await rig.UntilQueuedAsync(1);

        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(20), () => waits.IsCompleted);

        using HttpResponseMessage refused = await waits;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await arrival.StreamAsync("ok");
        Assert.Equal(HttpStatusCode.OK, (await served).StatusCode);
        upstream.AssertNobodyElseCame();
    }

    [Fact]
    public async Task Client_ThatGoesAwayWhileItWaits_NeverReachesAnUpstream()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        Task<HttpResponseMessage> served = rig.PostAsync(GatewayRig.Chat("served"));
        Arrival arrival = await upstream.NextAsync();
        using var leaves = new CancellationTokenSource();
        Task<HttpResponseMessage> gone = rig.PostAsync(GatewayRig.Chat("gone"), cancellationToken: leaves.Token);
        await rig.UntilQueuedAsync(1);

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await rig.UntilQueuedAsync(0);
        await arrival.StreamAsync("ok");

        Assert.Equal(HttpStatusCode.OK, (await served).StatusCode);
        await rig.UntilFreeAsync(1);
        upstream.AssertNobodyElseCame();
    }

    [Fact]
    public async Task Client_ThatGoesAwayInMidStream_CancelsTheUpstreamAndFreesTheSeat()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        await arrival.SendAsync(Arrival.Word("half"));

        (await posted).Dispose();

        await arrival.Gone;
        await rig.UntilFreeAsync(1);
        Assert.True(rig.Fleet.All[0].IsUp);
    }

    [Fact]
    public async Task Client_ThatGoesAwayBeforeTheFirstByte_CancelsTheUpstreamAndFreesTheSeat()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        using var leaves = new CancellationTokenSource();
        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat(), cancellationToken: leaves.Token);
        Arrival arrival = await upstream.NextAsync();

        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posted);
        await arrival.Gone;
        await rig.UntilFreeAsync(1);
        Assert.True(rig.Fleet.All[0].IsUp);
    }

    [Fact]
    public async Task Shutdown_LetsWhoIsThereFinish_AndTakesNobodyElse()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        Task<HttpResponseMessage> served = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        await arrival.SendAsync(Arrival.Word("half"));
        using HttpResponseMessage response = await served;
        Task<HttpResponseMessage> waits = rig.PostAsync(GatewayRig.Chat());
        await rig.UntilQueuedAsync(1);

        Task stopping = rig.App.StopAsync();
        await GatewayRig.UntilAsync(() => !rig.Gate.GetStatistics().IsAccepting);
        await arrival.StreamAsync("done");
        await (await upstream.NextAsync()).StreamAsync("ok");

        Assert.Equal(Arrival.Word("half") + Arrival.Word("done") + Arrival.Done, await response.Content.ReadAsStringAsync());
        Assert.Equal(Arrival.Word("ok") + Arrival.Done, await (await waits).Content.ReadAsStringAsync());
        await stopping.WaitAsync(GatewayRig.Patience);
        await Assert.ThrowsAsync<HttpRequestException>(() => rig.PostAsync(GatewayRig.Chat()));
    }

    [Fact]
    public async Task Gateways_InFrontOfOneUpstream_EachKeepTheirSeatsAndTheirOrder()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig one = await GatewayRig.StartAsync(options => (options.Policy, options.WritePriority) = ("priority", true), upstream);
        await using GatewayRig two = await GatewayRig.StartAsync(options => (options.Policy, options.WritePriority) = ("priority", true), upstream);
        var posted = new List<Task<HttpResponseMessage>>();
        foreach (GatewayRig rig in new[] { one, two })
        {
            posted.Add(rig.PostAsync(GatewayRig.Chat("first")));
            await rig.UntilFreeAsync(0);
            foreach (int priority in new[] { 2, 1 })
                posted.Add(rig.PostAsync(GatewayRig.Chat(), priority));
            await rig.UntilQueuedAsync(2);
        }

        // Two are there at a time, one of each; which of those goes first is for the upstream to say, by a number on which both agree.
        var numbers = new List<int>();
        Arrival[] there = [await upstream.NextAsync(), await upstream.NextAsync()];
        for (int round = 0; round < 3; round++)
        {
            upstream.AssertNobodyElseCame();
            foreach (Arrival arrival in there)
            {
                using JsonDocument body = JsonDocument.Parse(arrival.Body);
                numbers.Add(body.RootElement.GetProperty("priority").GetInt32());
                await arrival.StreamAsync("ok");
            }

            if (round < 2)
                there = [await upstream.NextAsync(), await upstream.NextAsync()];
        }

        Assert.Equal([64, 64, 64 + 256, 64 + 256, 64 + 512, 64 + 512], numbers);
        Assert.All(await Task.WhenAll(posted), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Streams_ManyAtOnce_ArriveWholeAndFreeTheirSeats()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        left.Script = right.Script = async arrival =>
        {
            foreach (int i in Enumerable.Range(0, 20))
            {
                await arrival.SendAsync(Arrival.Word($"{i}"));
                await Task.Yield();
            }

            await arrival.StreamAsync(JsonDocument.Parse(arrival.Body).RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!);
        };
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Seats = 16, left, right);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(async i =>
        {
            using HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat($"number {i}"));
            return await response.Content.ReadAsStringAsync();
        }));

        string start = string.Concat(Enumerable.Range(0, 20).Select(i => Arrival.Word($"{i}")));
        Assert.Equal(Enumerable.Range(0, 400).Select(i => start + Arrival.Word($"number {i}") + Arrival.Done), answers);
        await rig.UntilFreeAsync(32);
    }
}
