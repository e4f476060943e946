using System.Net;
using System.Text.Json;

namespace ModelServerTests;

public sealed class AnswerTests
{
    [Fact]
    public async Task Chat_Whole_HasTextReasonAndUsage()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (HttpStatusCode status, JsonElement body) = await rig.AskAsync(ServerRig.Chat("please count to 3"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        JsonElement choice = body.GetProperty("choices")[0];
        Assert.Equal("w1 w2 w3 ", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal((4, 3, 7), (Usage(body, "prompt_tokens"), Usage(body, "completion_tokens"), Usage(body, "total_tokens")));
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
    }

    [Fact]
    public async Task Completion_AtItsLimit_FinishesByLength()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (_, JsonElement body) = await rig.AskAsync("""{"model": "stepped", "prompt": ["count to 9"], "max_tokens": 2}""", "/v1/completions");
        Assert.Equal("text_completion", body.GetProperty("object").GetString());
        Assert.Equal("w1 w2 ", body.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData("w3", "w1 w2 ")]
    [InlineData("2 w3 w", "w1 w")]
    [InlineData("w9 and no more", "w1 w2 w3 w4 ")]
    public async Task Chat_WithStopSequence_EndsBeforeIt(string stop, string expected)
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (_, JsonElement body) = await rig.AskAsync(ServerRig.Chat("count to 4", stop: stop));
        JsonElement choice = body.GetProperty("choices")[0];
        Assert.Equal(expected, choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
    }

    [Fact]
    public async Task Chat_CutWhileTextIsHeldBack_LosesNoText()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        (_, JsonElement body) = await rig.AskAsync(ServerRig.Chat("count to 9", maxTokens: 3, stop: "w3 w5"));
        Assert.Equal("w1 w2 w3 ", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Chat_Streamed_ComesStepByStep_AndEndsWithReasonUsageAndDone()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        using HttpResponseMessage response = await rig.PostAsync("""{"model": "stepped", "messages": [{"role": "user", "content": "count to 3"}], "stream": true, "stream_options": {"include_usage": true}}""");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using EventStream events = await EventStream.OfAsync(response);
        Assert.Contains("\"role\":\"assistant\"", await events.NextAsync(), StringComparison.Ordinal);
        Assert.Equal("w1 ", await events.NextTextAsync());
        rig.Engine.Allow();
        Assert.Equal("w2 ", await events.NextTextAsync());
        rig.Engine.Allow();
        Assert.Equal("w3 ", await events.NextTextAsync());
        List<string> rest = await events.RestAsync();
        Assert.Equal(3, rest.Count);
        Assert.Contains("\"finish_reason\":\"stop\"", rest[0], StringComparison.Ordinal);
        Assert.Equal(3, Usage(JsonDocument.Parse(rest[1]).RootElement, "completion_tokens"));
        Assert.Equal("[DONE]", rest[2]);
    }

    [Fact]
    public async Task Chats_AtOnce_ShareTheEnginesSteps()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Task<(HttpStatusCode, JsonElement)>[] asked = [.. Enumerable.Range(0, 8).Select(_ => rig.AskAsync(ServerRig.Chat("count to 5")))];

        // The first step stands still until all have come: the next takes in whoever it did not plan.
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count + rig.Scheduler.EstimateWait().RequestsAhead == 8);
        rig.Engine.RunFreely();
        await Task.WhenAll(asked);
        Assert.True(rig.Engine.Steps <= 8 + 5 + 3, $"{rig.Engine.Steps} steps for eight answers of five tokens.");
    }

    [Fact]
    public async Task Models_AndHealth_SayWhatIsServed()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        JsonElement models = JsonDocument.Parse(await rig.Client.GetStringAsync("/v1/models")).RootElement;
        Assert.Equal("stepped", models.GetProperty("data")[0].GetProperty("id").GetString());
        foreach (string path in new[] { "/healthz", "/health" })
        {
            JsonElement health = JsonDocument.Parse(await rig.Client.GetStringAsync(path)).RootElement;
            Assert.Equal(("ok", "fcfs"), (health.GetProperty("status").GetString(), health.GetProperty("stack").GetString()));
        }
    }

    private static int Usage(JsonElement body, string name) => body.GetProperty("usage").GetProperty(name).GetInt32();
}
