using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI.Tests;

/// <summary>A chat client that throws as soon as it is asked for a stream, before there is one.</summary>
internal sealed class NoStreamClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();
}
