using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxDecoder;

/// <summary>What the model keeps of one token.</summary>
/// <param name="Layers">Layers; each has a key and a value.</param>
/// <param name="Heads">Key-value heads of a layer.</param>
/// <param name="HeadSize">Numbers of a head.</param>
/// <param name="Type">Float or Float16.</param>
internal readonly record struct KvShape(int Layers, int Heads, int HeadSize, TensorElementType Type)
{
    /// <summary>Keys and values of all layers.</summary>
    public int Parts => 2 * Layers;

    /// <summary>Bytes of one head of one part.</summary>
    public int RowBytes => HeadSize * (Type == TensorElementType.Float16 ? 2 : 4);

    /// <summary>Bytes of a token in all.</summary>
    public long TokenBytes => (long)Parts * Heads * RowBytes;
}
