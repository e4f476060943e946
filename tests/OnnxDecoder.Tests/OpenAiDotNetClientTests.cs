using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using OpenAI;
using OpenAI.Chat;

namespace OnnxDecoder.Tests;

/// <summary>The official .NET client, as it comes.</summary>
public sealed class OpenAiDotNetClientTests
{
    private const string Prompt = "<|im_start|>user\nhello world<|im_end|>\n<|im_start|>assistant\n";

    [Fact]
    public async Task Chat_WholeAndStreamed_AreTheModelsAnswer()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync();
        var client = new ChatClient("tiny", new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(rig.Client.BaseAddress!, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 20, Temperature = 0 };
        (string expected, int promptTokens, List<int> tokens) = rig.Model.Answer(Prompt, 20);
        ChatCompletion whole = await client.CompleteChatAsync([new UserChatMessage("hello world")], options);
        Assert.Equal(expected, whole.Content[0].Text);
        Assert.Equal((promptTokens, tokens.Count), (whole.Usage.InputTokenCount, whole.Usage.OutputTokenCount));

        var text = new StringBuilder();
        await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync([new UserChatMessage("hello world")], options))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate)
                text.Append(part.Text);
        }

        Assert.Equal(expected, text.ToString());
    }
}
