using System.Buffers.Binary;

namespace LlmScheduling;

/// <summary>Writes numbers one after another, little endian.</summary>
internal ref struct ByteWriter(Span<byte> rest)
{
    private Span<byte> _rest = rest;

    public void Write(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void Write(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_rest, value);
        _rest = _rest[sizeof(ushort)..];
    }

    public void Write(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_rest, value);
        _rest = _rest[sizeof(uint)..];
    }

    public void Write(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_rest, value);
        _rest = _rest[sizeof(float)..];
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }
}
