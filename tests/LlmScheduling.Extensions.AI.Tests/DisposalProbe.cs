using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI.Tests;

/// <summary>A stream that says when it is disposed.</summary>
internal sealed class DisposalProbe(IAsyncEnumerable<ChatResponseUpdate> updates, Action disposed) : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates = updates.GetAsyncEnumerator();

    public ChatResponseUpdate Current => _updates.Current;

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

    public ValueTask<bool> MoveNextAsync() => _updates.MoveNextAsync();

    public ValueTask DisposeAsync()
    {
        disposed();
        return _updates.DisposeAsync();
    }
}
