using LlmScheduling;

namespace ModelServerTests;

/// <summary>The official npm client, as it comes.</summary>
public sealed class OpenAiNodeClientTests
{
    [Fact]
    public async Task NpmClient_StreamsAbortsAndUnderstandsErrors()
    {
        string? whyNot = await NodeFolder.WhyNotAsync();
        Assert.SkipUnless(whyNot is null, whyNot ?? "");
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (int status, string output) = await NodeFolder.RunAsync("openai.mjs", rig.Url.GetLeftPart(UriPartial.Authority));
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(0, status);
        Assert.Equal(8, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
        Assert.Single(rig.Ends.All.Values, end => end.Outcome == RequestOutcome.Cancelled);
    }
}
