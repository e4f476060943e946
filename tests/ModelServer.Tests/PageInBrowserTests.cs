using System.Text.Json;
using LlmScheduling;

namespace ModelServerTests;

public sealed class PageInBrowserTests
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    [Fact]
    public async Task Page_ShowsDecisions_FitsAPhone_AndAClickSwitchesTheStack()
    {
        string? browser = Browsers.FirstOrDefault(File.Exists);
        Assert.SkipUnless(browser is not null, "There is no Chromium here.");
        string? whyNot = await NodeFolder.WhyNotAsync();
        Assert.SkipUnless(whyNot is null, whyNot ?? "");
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
        string screenshot = Path.Combine(AppContext.BaseDirectory, "page");
        (int status, string output) = await NodeFolder.RunAsync(Path.Combine(AppContext.BaseDirectory, "Page", "look.mjs"), rig.Url.GetLeftPart(UriPartial.Authority), browser!, screenshot);
        await caller.CancelAsync();
        await Task.WhenAll(load);
        await done.CancelAsync();
        await stepping;
        Assert.True(status == 0, output);
        JsonElement found = JsonDocument.Parse(output).RootElement;
        Assert.Equal("slo", rig.Scheduler.Stack.Name);
        Assert.True(found.GetProperty("width").GetInt32() <= 360, "The page is wider than a phone.");
        Assert.True(found.GetProperty("least").GetDouble() >= 40, "A button is too small for a thumb.");
        Assert.Empty(found.GetProperty("errors").EnumerateArray());
        Assert.NotEmpty(found.GetProperty("reasons").EnumerateArray());
        Assert.True(File.Exists(screenshot + "-wide.png") && File.Exists(screenshot + "-phone.png"));
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
