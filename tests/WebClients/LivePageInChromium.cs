using System.Text.Json;

namespace WebClients;

/// <summary>The live page as Chromium shows it: 1,100 pixels wide, then switched by a click, then as wide as a phone.</summary>
internal static class LivePageInChromium
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Skips the test where there is no browser, or no node to drive it.</summary>
    public static Task RequireAsync()
    {
        Assert.SkipUnless(Browsers.Any(File.Exists), "There is no Chromium here.");
        return NodeFolder.RequireAsync();
    }

    /// <summary>Clicks from one stack to another on the page of a server that is busy, and asserts that the page fits, shows why who got a seat, and reports no error.</summary>
    /// <param name="server">The server, which has requests in flight all the time.</param>
    /// <param name="from">The stack in force.</param>
    /// <param name="to">The one to click.</param>
    public static async Task AssertSwitchesAsync(Uri server, string from, string to)
    {
        string screenshot = Path.Combine(AppContext.BaseDirectory, "page");
        (int status, string output) = await NodeFolder.RunAsync("look.mjs", server.GetLeftPart(UriPartial.Authority), Browsers.First(File.Exists), screenshot, from, to);
        Assert.True(status == 0, output);
        JsonElement found = JsonDocument.Parse(output).RootElement;
        Assert.True(found.GetProperty("wide").GetInt32() <= 1100, "The page is wider than its window.");
        Assert.True(found.GetProperty("width").GetInt32() <= 360, "The page is wider than a phone.");
        Assert.True(found.GetProperty("least").GetDouble() >= 40, "A button is too small for a thumb.");
        Assert.Empty(found.GetProperty("errors").EnumerateArray());
        Assert.NotEmpty(found.GetProperty("reasons").EnumerateArray());
        Assert.True(File.Exists(screenshot + "-wide.png") && File.Exists(screenshot + "-phone.png"));
    }
}
