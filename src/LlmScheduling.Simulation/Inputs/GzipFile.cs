using System.Buffers.Binary;
using System.IO.Compression;

namespace LlmScheduling.Simulation;

/// <summary>Unpacks a whole gzip file, and refuses one that was cut off: <see cref="GZipStream"/> takes the end of a file for the end of its data.</summary>
internal static class GzipFile
{
    private const int TrailerLength = 8;

    private static ReadOnlySpan<byte> Beginning => [0x1F, 0x8B, 8];

    private static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>Whether it begins as gzip does (RFC 1952, section 2.3.1).</summary>
    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Beginning);

    /// <exception cref="InvalidDataException">It is damaged, cut off, or not gzip.</exception>
    public static MemoryStream Unpack(byte[] packed)
    {
        MemoryStream content = Inflate(packed, 0);
        if (!EndsWithTrailerOf(packed, content) && !LastMemberIsWhole(packed))
            throw new InvalidDataException("the data ends before its checksum");
        return content;
    }

    // A file may be several gzip files one after another; those before the last were checked while they were unpacked.
    private static bool LastMemberIsWhole(byte[] packed)
    {
        for (int end = packed.Length; ;)
        {
            int start = packed.AsSpan(0, end).LastIndexOf(Beginning);
            if (start <= 0)
                return false;
            try
            {
                if (EndsWithTrailerOf(packed, Inflate(packed, start)))
                    return true;
            }
            catch (InvalidDataException)
            {
                // These three bytes were not a beginning.
            }

            end = start + 2;
        }
    }

    private static MemoryStream Inflate(byte[] packed, int start)
    {
        var content = new MemoryStream();
        using var source = new MemoryStream(packed, start, packed.Length - start);
        using var unpacking = new GZipStream(source, CompressionMode.Decompress);
        unpacking.CopyTo(content);
        content.Position = 0;
        return content;
    }

    private static bool EndsWithTrailerOf(byte[] packed, MemoryStream content)
    {
        if (packed.Length < TrailerLength)
            return false;
        ReadOnlySpan<byte> trailer = packed.AsSpan(packed.Length - TrailerLength);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)content.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(trailer) == Crc(content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    // RFC 1952, section 8.
    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint index = 0; index < table.Length; index++)
        {
            uint crc = index;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            table[index] = crc;
        }

        return table;
    }
}
