using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Writes an encoder as Hugging Face stores a BertForSequenceClassification: config.json, vocab.txt, weights.</summary>
internal static class HuggingFaceFolder
{
    // What the script reads from the other format, it writes as PyTorch does.
    private const string ToPickle = "import sys, torch, start_weights; torch.save(start_weights._safetensors(sys.argv[1]), sys.argv[2])";

    public static void Write(TrainingScript script, string name, EncoderShape shape, bool asPickle = false, Func<string, string?>? rename = null)
    {
        string folder = Directory.CreateDirectory(script.At(name)).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new
        {
            model_type = "bert",
            vocab_size = shape.Words,
            hidden_size = shape.Width,
            num_hidden_layers = shape.Layers,
            num_attention_heads = shape.Heads,
            intermediate_size = 4 * shape.Width,
            max_position_embeddings = shape.Positions,
            type_vocab_size = 2,
            hidden_act = "relu",
            layer_norm_eps = 1e-12,
        }));
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), new Vocabulary(ModelFolder.Pieces).Text, new UTF8Encoding(false));
        string weights = Path.Combine(folder, "model.safetensors");
        File.WriteAllBytes(weights, Safetensors(new TinyEncoder(shape).Named(), rename ?? (weight => weight)));
        if (!asPickle)
            return;
        script.RunLines(ToPickle, weights, Path.Combine(folder, "pytorch_model.bin"));
        File.Delete(weights);
    }

    /// <summary>Names that become null are left out.</summary>
    private static byte[] Safetensors(IEnumerable<(string Name, int[] Shape, float[] Values)> weights, Func<string, string?> rename)
    {
        var header = new Dictionary<string, object> { ["__metadata__"] = new { format = "pt" } };
        using var data = new MemoryStream();
        foreach ((string name, int[] shape, float[] values) in weights)
        {
            if (rename(name) is not { } written)
                continue;
            header.Add(written, new { dtype = "F32", shape, data_offsets = new[] { data.Length, data.Length + values.Length * sizeof(float) } });
            data.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return [.. length, .. text, .. data.ToArray()];
    }
}
