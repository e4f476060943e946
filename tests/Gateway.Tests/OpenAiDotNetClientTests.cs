using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using OpenAI;
using OpenAI.Chat;

namespace Gateway.Tests;

/// <summary>The official .NET client, as it comes.</summary>
public sealed class OpenAiDotNetClientTests
{
    [Fact]
    public async Task Chat_Streamed_IsUnderstood()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Script = arrival => arrival.StreamAsync("one", " two");
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        var text = new StringBuilder();
        await foreach (StreamingChatCompletionUpdate update in Client(rig).CompleteChatStreamingAsync("count to two"))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate)
                text.Append(part.Text);
        }

        Assert.Equal("one two", text.ToString());
    }

    [Fact]
    public async Task Stream_ThatIsDropped_FreesItsSeat()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        Task<Arrival> came = upstream.NextAsync();
        Task answering = Task.Run(async () => await (await came).SendAsync(Arrival.Word("one")));

        await foreach (StreamingChatCompletionUpdate update in Client(rig).CompleteChatStreamingAsync("count without end"))
        {
            if (update.ContentUpdate.Count > 0)
                break;
        }

        await answering;
        await (await came).Gone;
        await rig.UntilFreeAsync(1);
    }

    [Fact]
    public async Task Stream_ThatTheUpstreamBreaksOff_IsNotTakenForAWholeAnswer()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Script = async arrival =>
        {
            await arrival.SendAsync(Arrival.Word("half"));
            arrival.Die();
        };
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate update in Client(rig).CompleteChatStreamingAsync("count to two"))
                Assert.Null(update.FinishReason);
        });
    }

    [Fact]
    public async Task Refusal_IsAnErrorWithItsMessage()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.KvTokens = 100, upstream);

        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Client(rig).CompleteChatAsync(["hello"], new ChatCompletionOptions { MaxOutputTokenCount = 1_000 }));

        Assert.Equal(413, fault.Status);
        Assert.Contains("more than the server can hold", fault.Message, StringComparison.Ordinal);
    }

    private static ChatClient Client(GatewayRig rig) =>
        new("m", new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(rig.Client.BaseAddress!, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
