using System.Buffers;

namespace LlmScheduling;

/// <summary>Where a line is formatted: a buffer that grows, and is exchanged for a used one when the line is handed over. Not thread-safe.</summary>
internal sealed class LineBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[512];
    private int _written;

    /// <summary>Forgets what is written and keeps the buffer.</summary>
    public void Clear() => _written = 0;

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int room = Math.Max(sizeHint, 1);
        if (_bytes.Length - _written < room)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _written + room));
        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Hands the line over and goes on with another buffer.</summary>
    public void HandTo(DecisionLog log)
    {
        _bytes = log.Append(_bytes, _written);
        _written = 0;
    }
}
