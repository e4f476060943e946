using System.Text.RegularExpressions;
using LlmScheduling;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxDecoder;

/// <summary>What a model takes and gives, read from the model itself: the layout in which Hugging Face's Optimum exports a causal language model with key-value cache.</summary>
internal sealed partial class ModelInterface
{
    private readonly string _path;

    /// <exception cref="InputException">It has another layout; the message names what is different.</exception>
    public ModelInterface(string path, InferenceSession session)
    {
        _path = path;
        (HasPositions, HasLogitsToKeep) = (session.InputMetadata.ContainsKey("position_ids"), session.InputMetadata.ContainsKey("num_logits_to_keep"));
        Expect(session.InputMetadata, "input_ids", "input", TensorElementType.Int64);
        Expect(session.InputMetadata, "attention_mask", "input", TensorElementType.Int64);
        NodeMetadata logits = Expect(session.OutputMetadata, "logits", "output", TensorElementType.Float, TensorElementType.Float16);
        (LogitsType, Vocabulary) = (logits.ElementDataType, logits.Dimensions[^1]);
        if (Vocabulary < 1)
            throw new InputException(path, null, "logits", "a dynamic last dimension", "the size of the vocabulary");

        int layers = session.InputMetadata.Keys.Count(name => PastName().IsMatch(name)) / 2;
        Past = [.. Names("past_key_values", layers)];
        Present = [.. Names("present", layers)];
        if (layers == 0)
            throw new InputException(path, null, "inputs", string.Join(", ", session.InputMetadata.Keys), "past_key_values.0.key and so on: export with a cache (task text-generation-with-past)");
        NodeMetadata first = Expect(session.InputMetadata, Past[0], "input", TensorElementType.Float, TensorElementType.Float16);
        int[] shape = first.Dimensions;
        if (shape.Length != 4 || shape[0] > 0 || shape[1] < 1 || shape[2] > 0 || shape[3] < 1)
            throw new InputException(path, null, Past[0], $"the shape [{string.Join(", ", shape)}]", "[batch, heads, past, numbers of a head], with heads and numbers fixed, batch and past dynamic");
        Kv = new KvShape(layers, shape[1], shape[3], first.ElementDataType);
        foreach (string name in Past)
        {
            if (!Expect(session.InputMetadata, name, "input", Kv.Type).Dimensions.SequenceEqual(shape))
                throw new InputException(path, null, name, "another shape than the first layer's", "layers that are alike");
        }

        foreach (string name in Present)
            Expect(session.OutputMetadata, name, "output", Kv.Type);
        if (session.InputMetadata.Keys.Except([.. Past, "input_ids", "attention_mask", "position_ids", "num_logits_to_keep"]).FirstOrDefault() is { } other)
            throw new InputException(path, null, "inputs", other, "input_ids, attention_mask, position_ids, num_logits_to_keep and past_key_values; a decoder_model_merged.onnx is not such a model, model.onnx beside it may be");
    }

    public KvShape Kv { get; }

    /// <summary>Tokens that it scores.</summary>
    public int Vocabulary { get; }

    public TensorElementType LogitsType { get; }

    /// <summary>Whether it is told where each token stands; otherwise it counts the attention mask.</summary>
    public bool HasPositions { get; }

    /// <summary>Whether it can be told to score the last token only.</summary>
    public bool HasLogitsToKeep { get; }

    /// <summary>Inputs of the cache: key and value of each layer.</summary>
    public IReadOnlyList<string> Past { get; }

    /// <summary>Outputs of the cache, in the same order.</summary>
    public IReadOnlyList<string> Present { get; }

    private static IEnumerable<string> Names(string prefix, int layers) =>
        Enumerable.Range(0, layers).SelectMany(layer => new[] { $"{prefix}.{layer}.key", $"{prefix}.{layer}.value" });

    private NodeMetadata Expect(IReadOnlyDictionary<string, NodeMetadata> all, string name, string kind, params TensorElementType[] types)
    {
        if (!all.TryGetValue(name, out NodeMetadata? node))
            throw new InputException(_path, null, $"{kind}s", string.Join(", ", all.Keys), $"an {kind} {name}, as Optimum names it");
        if (!node.IsTensor || !types.Contains(node.ElementDataType))
            throw new InputException(_path, null, name, node.IsTensor ? node.ElementDataType.ToString() : "no tensor", string.Join(" or ", types));
        return node;
    }

    [GeneratedRegex(@"^past_key_values\.\d+\.(key|value)$")]
    private static partial Regex PastName();
}
