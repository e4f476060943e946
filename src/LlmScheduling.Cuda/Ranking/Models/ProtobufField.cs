namespace LlmScheduling;

/// <summary>Reads the tags of the protobuf wire format, with what is needed to skip or take the field behind.</summary>
internal static class ProtobufField
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    public static bool TryRead(Stream stream, out int field, out long length) => TryRead(stream, out field, out length, out _);

    /// <summary>Reads a tag and what follows it, but for the bytes of a field that has a length.</summary>
    /// <param name="stream">Where; at its end the answer is false.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="length">How many bytes follow; -1 when the field is a number, which has been read.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="InvalidDataException">It is no protobuf.</exception>
    public static bool TryRead(Stream stream, out int field, out long length, out ulong value)
    {
        (field, length, value) = (0, -1, 0);
        int first = stream.ReadByte();
        if (first < 0)
            return false;
        ulong tag = Number(stream, first);
        field = (int)(tag >> 3);
        switch ((int)(tag & 7))
        {
            case Varint:
                value = Number(stream, stream.ReadByte());
                break;
            case Fixed64:
                stream.ReadExactly(stackalloc byte[8]);
                break;
            case Fixed32:
                stream.ReadExactly(stackalloc byte[4]);
                break;
            case Bytes:
                length = (long)Number(stream, stream.ReadByte());
                if (length < 0)
                    throw new InvalidDataException();
                break;
            default:
                throw new InvalidDataException();
        }

        return field > 0 ? true : throw new InvalidDataException();
    }

    private static ulong Number(Stream stream, int next)
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7, next = stream.ReadByte())
        {
            if (next < 0)
                throw new EndOfStreamException();
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }

        throw new InvalidDataException();
    }
}
