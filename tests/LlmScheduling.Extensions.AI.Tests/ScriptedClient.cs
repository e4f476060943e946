using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI.Tests;

/// <summary>A chat client that answers what it is told, and remembers how it was called.</summary>
internal sealed class ScriptedClient : IChatClient
{
    public Func<CancellationToken, Task<ChatResponse>> Answer { get; set; } = _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello you")));

    public Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> Stream { get; set; } = static _ => Updates("one", "two");

    public List<ChatMessage>? Messages { get; private set; }

    public ChatOptions? Options { get; private set; }

    public bool IsStreamEnded { get; private set; }

    public bool IsDisposed { get; private set; }

    public static async IAsyncEnumerable<ChatResponseUpdate> Updates(params string[] texts)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, text);
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        (Messages, Options) = ([.. messages], options);
        return Answer(cancellationToken);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (Messages, Options) = ([.. messages], options);
        try
        {
            await foreach (ChatResponseUpdate update in Stream(cancellationToken).WithCancellation(cancellationToken))
                yield return update;
        }
        finally
        {
            IsStreamEnded = true;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() => IsDisposed = true;
}
