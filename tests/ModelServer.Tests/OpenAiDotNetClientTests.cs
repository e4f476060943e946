using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using LlmScheduling;
using OpenAI;
using OpenAI.Chat;

namespace ModelServerTests;

/// <summary>The official .NET client, as it comes.</summary>
public sealed class OpenAiDotNetClientTests
{
    [Fact]
    public async Task Chat_Whole_IsUnderstood()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        ChatCompletion answer = await Client(rig).CompleteChatAsync("please count to 3");
        Assert.Equal("w1 w2 w3 ", answer.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal((4, 3), (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Chat_Streamed_IsUnderstood()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        var text = new StringBuilder();
        ChatFinishReason? reason = null;
        int? used = null;
        await foreach (StreamingChatCompletionUpdate update in Client(rig).CompleteChatStreamingAsync([new UserChatMessage("count to 5")], new ChatCompletionOptions { MaxOutputTokenCount = 4 }))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate)
                text.Append(part.Text);
            reason = update.FinishReason ?? reason;
            used = update.Usage?.OutputTokenCount ?? used;
        }

        Assert.Equal("w1 w2 w3 w4 ", text.ToString());
        Assert.Equal(ChatFinishReason.Length, reason);
        Assert.Equal(4, used);
    }

    [Fact]
    public async Task Stream_ThatIsDropped_FreesItsSeat()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        await foreach (StreamingChatCompletionUpdate update in Client(rig).CompleteChatStreamingAsync([new UserChatMessage("count without end")], new ChatCompletionOptions { MaxOutputTokenCount = 900_000_000 }))
        {
            if (update.ContentUpdate.Count > 0 && update.ContentUpdate[0].Text.Length > 0)
                break;
        }

        await ServerRig.UntilAsync(() => rig.Ends.Of(0) is not null && rig.Engine.Held.Count == 0, () => rig.Engine.Allow());
        Assert.Equal(RequestOutcome.Cancelled, rig.Ends.Of(0));
    }

    [Fact]
    public async Task BadRequest_IsAnErrorWithItsMessage()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Client(rig, model: "other").CompleteChatAsync("count to 3"));
        Assert.Equal(404, fault.Status);
        Assert.Contains("There is no model 'other' here", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ThatIsBrokenOff_IsNotTakenForAWholeAnswer()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        ChatFinishReason? reason = null;
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate update in Client(rig).CompleteChatStreamingAsync("count without end"))
            {
                reason = update.FinishReason ?? reason;
                if (update.ContentUpdate.Count == 0 || update.ContentUpdate[0].Text.Length == 0)
                    continue;
                rig.Engine.Fault = new InvalidOperationException("broken");
                rig.Engine.Allow();
            }
        });
        Assert.Null(reason);
    }

    private static ChatClient Client(ServerRig rig, string model = "stepped") => new(
        model, new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(rig.Url, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
