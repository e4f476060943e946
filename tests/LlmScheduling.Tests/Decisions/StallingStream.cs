namespace LlmScheduling.Tests;

/// <summary>A stream whose writes wait until they are released.</summary>
internal sealed class StallingStream : MemoryStream
{
    private readonly ManualResetEventSlim _released = new();

    public ManualResetEventSlim Stalled { get; } = new();

    public void Release() => _released.Set();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Stalled.Set();
        _released.Wait(cancellationToken);
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
