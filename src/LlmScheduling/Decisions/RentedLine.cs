using System.Buffers;

namespace LlmScheduling;

/// <summary>A buffer from the shared pool that grows while a line is written into it, and is given away with the line. Not thread-safe.</summary>
internal sealed class RentedLine : IBufferWriter<byte>
{
    private const int FirstBytes = 512;

    private byte[] _buffer = [];
    private int _written;

    /// <summary>Forgets what is written and keeps the buffer.</summary>
    public void Clear() => _written = 0;

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Gives the buffer away; whoever takes it returns it to the shared pool.</summary>
    public byte[] Detach(out int length)
    {
        (byte[] buffer, length) = (_buffer, _written);
        (_buffer, _written) = ([], 0);
        return buffer;
    }

    private void Grow(int room)
    {
        if (_buffer.Length - _written >= room)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, Math.Max(_written + room, 2 * _buffer.Length)));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
