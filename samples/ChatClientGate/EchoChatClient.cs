using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

/// <summary>Stands for any provider's chat client: answers with the words of the last message, one after the other.</summary>
internal sealed class EchoChatClient : IChatClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await Task.Delay(Pause, cancellationToken);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, messages.Last().Text));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (string word in messages.Last().Text.Split(' '))
        {
            await Task.Delay(Pause, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, word + " ");
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
