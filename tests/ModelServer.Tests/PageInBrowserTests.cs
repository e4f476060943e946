using LlmScheduling;
using WebClients;

namespace ModelServerTests;

public sealed class PageInBrowserTests
{
    [Fact]
    public async Task Page_ShowsDecisions_FitsAPhone_AndAClickSwitchesTheStack()
    {
        await LivePageInChromium.RequireAsync();
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { Promises = new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { TimeToFirstToken = TimeSpan.FromMinutes(1) } } },
            capacity => capacity.MaxSequences = 2);
        using var caller = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, 6).Select(_ => AskAgainAndAgainAsync(rig, caller.Token))];
        using var done = new CancellationTokenSource();
        Task stepping = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                // Slow enough for somebody who looks twice a second.
                rig.Engine.Allow();
                await Task.Delay(20);
            }
        });
        await LivePageInChromium.AssertSwitchesAsync(rig.Url, "fcfs", "slo");
        await caller.CancelAsync();
        await Task.WhenAll(load);
        await done.CancelAsync();
        await stepping;
        Assert.Equal("slo", rig.Scheduler.Stack.Name);
    }

    private static async Task AskAgainAndAgainAsync(ServerRig rig, CancellationToken caller)
    {
        try
        {
            while (true)
                (await rig.PostAsync(ServerRig.Chat("count to 10"), caller: caller, trafficClass: "chat")).Dispose();
        }
        catch (OperationCanceledException)
        {
            // The browser has seen enough.
        }
    }
}
