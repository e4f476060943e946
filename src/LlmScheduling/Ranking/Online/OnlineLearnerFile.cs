using System.Security.Cryptography;
using System.Text;

namespace LlmScheduling;

/// <summary>The bytes of a learner, little endian: magic, format version, feature version, what <see cref="OnlineLearner.Write"/> writes; SHA-256 of all before.</summary>
internal static class OnlineLearnerFile
{
    private const string Allowed = "the state of an OnlineRankerTrainer";
    private const ushort FormatVersion = 1;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'L', (byte)'L', (byte)'M', (byte)'O', (byte)'L', 0x0D, 0x0A];

    public static byte[] Bytes(OnlineLearner learner)
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(FormatVersion);
        writer.Write((ushort)PromptFeatures.Version);
        learner.Write(writer);
        writer.Flush();
        writer.Write(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
        return content.ToArray();
    }

    public static OnlineLearner Read(Stream stream, string name)
    {
        byte[] bytes = RankerFileContent.Read(stream, name, Allowed);
        if (!bytes.AsSpan().StartsWith(Magic))
            throw Bad(Magic.StartsWith(bytes) ? "a file that was cut off" : "another kind of file");
        if (bytes.Length < Magic.Length + 2 * sizeof(ushort) + SHA256.HashSizeInBytes)
            throw Bad("a file that was cut off");
        ReadOnlySpan<byte> said = bytes.AsSpan(bytes.Length - SHA256.HashSizeInBytes);
        if (!SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(said))
            throw Bad("a file that was cut off or damaged (its checksum does not fit)");
        using var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, bytes.Length - Magic.Length - SHA256.HashSizeInBytes), Encoding.UTF8);
        int format = reader.ReadUInt16(), features = reader.ReadUInt16();
        if (format != FormatVersion || features != PromptFeatures.Version)
            throw new InputException(name, null, null, $"format version {format} with prompt features of version {features}", $"versions {FormatVersion} and {PromptFeatures.Version}; start from nothing or from a ranker's file");
        try
        {
            return OnlineLearner.Read(reader, name);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw Bad("a damaged file");
        }

        InputException Bad(string found) => new(name, null, null, found, Allowed);
    }
}
