using System.Text;

namespace LlmScheduling;

/// <summary>What an ONNX file says about itself, without its graph: operator sets and metadata. Read from the protobuf, since ONNX Runtime tells the operator set to nobody.</summary>
internal sealed class OnnxHeader
{
    private const int OperatorSetField = 8, MetadataField = 14, GraphField = 7;
    private const int LongestEntry = 1 << 20;

    private readonly Dictionary<string, long> _operatorSets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private OnnxHeader()
    {
    }

    /// <summary>Version of the standard operators; 0 when the file names none.</summary>
    public long OperatorSet => _operatorSets.GetValueOrDefault("");

    /// <summary>Operator sets for a message.</summary>
    public string OperatorSets => string.Join(", ", _operatorSets.Select(set => $"{(set.Key.Length == 0 ? "ai.onnx" : set.Key)} {set.Value}"));

    /// <summary>The metadata property of that name; null when there is none.</summary>
    public string? this[string property] => _metadata.GetValueOrDefault(property);

    /// <exception cref="InputException">It is no ONNX file, or cut off.</exception>
    public static OnnxHeader Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        var header = new OnnxHeader();
        try
        {
            bool hasGraph = false;
            while (ProtobufField.TryRead(file, out int field, out long length))
            {
                hasGraph |= field == GraphField;
                if (length < 0)
                    continue;
                if (length > file.Length - file.Position)
                    throw new InvalidDataException();
                if (field is OperatorSetField or MetadataField)
                    header.Add(field, Entry(file, length));
                else
                    file.Seek(length, SeekOrigin.Current);
            }

            return hasGraph ? header : throw new InvalidDataException();
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException)
        {
            throw new InputException(path, null, null, "bytes that are no complete ONNX model", "a file that torch.onnx.export or another exporter wrote");
        }
    }

    private static MemoryStream Entry(Stream file, long length)
    {
        if (length > LongestEntry)
            throw new InvalidDataException();
        byte[] bytes = new byte[length];
        file.ReadExactly(bytes);
        return new MemoryStream(bytes, 0, bytes.Length, writable: false, publiclyVisible: true);
    }

    private void Add(int field, MemoryStream entry)
    {
        string key = "", text = "";
        long number = 0;
        while (ProtobufField.TryRead(entry, out int part, out long length, out ulong value))
        {
            if (length < 0)
            {
                number = (long)value;
                continue;
            }

            if (length > entry.Length - entry.Position)
                throw new InvalidDataException();
            string written = Encoding.UTF8.GetString(entry.GetBuffer().AsSpan((int)entry.Position, (int)length));
            entry.Seek(length, SeekOrigin.Current);
            if (part == 1)
                key = written;
            else
                text = written;
        }

        if (field == OperatorSetField)
            _operatorSets[key == "ai.onnx" ? "" : key] = number;
        else
            _metadata[key] = text;
    }
}
