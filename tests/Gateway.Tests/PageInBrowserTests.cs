using WebClients;

namespace Gateway.Tests;

public sealed class PageInBrowserTests
{
    [Fact]
    public async Task Page_ShowsDecisions_FitsAPhone_AndAClickSwitchesThePolicy()
    {
        await LivePageInChromium.RequireAsync();
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        left.Script = right.Script = async arrival =>
        {
            // Slow enough for somebody who looks twice a second.
            await arrival.SendAsync(Arrival.Word("one"));
            await Task.Delay(100);
            await arrival.StreamAsync("two");
        };
        await using GatewayRig rig = await GatewayRig.StartAsync(left, right);
        using var caller = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, 6).Select(number => AskAgainAndAgainAsync(rig, number, caller.Token))];

        await LivePageInChromium.AssertSwitchesAsync(rig.Client.BaseAddress!, "fcfs", "priority");

        await caller.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal("priority", rig.Gate.PolicyName);
    }

    private static async Task AskAgainAndAgainAsync(GatewayRig rig, int priority, CancellationToken caller)
    {
        try
        {
            while (true)
            {
                using HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat(), priority, caller);
                await response.Content.ReadAsStringAsync(caller);
            }
        }
        catch (OperationCanceledException)
        {
            // The browser has seen enough.
        }
    }
}
