namespace WebClients;

/// <summary>The official npm client against a server whose answers are those of the stepped engine.</summary>
internal static class OpenAiNodeClient
{
    /// <summary>What a server that serves freely must pass.</summary>
    public static readonly string[] Ordinary = ["whole", "streamed", "helper", "plain completion", "models", "many at once", "abort in mid-stream", "negative max_tokens", "unknown model"];

    /// <summary>Runs checks of openai.mjs against a server, and asserts that each of them held.</summary>
    public static async Task AssertAsync(Uri server, params string[] checks)
    {
        (int status, string output) = await NodeFolder.RunAsync("openai.mjs", [server.GetLeftPart(UriPartial.Authority), .. checks]);
        Assert.True(status == 0, output);
        Assert.Equal(checks.Select(check => $"ok {check}"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
