using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LlmScheduling;

/// <summary>The inputs and the output of a ranking model, checked: what is wrong is said with what to change.</summary>
internal sealed class ModelInterface
{
    private const string Encoder = "input_ids and attention_mask (an encoder; token_type_ids if it asks), or idx, val and dense (the features of LlmScheduling)";

    // What OnnxRankerOptions.MaxTokens may be: buffers are made for the largest batch of that length.
    private const int ShortestFixed = 8, LongestFixed = 4_096;

    private readonly string _path;

    public ModelInterface(string path, InferenceSession session)
    {
        _path = path;
        IReadOnlyDictionary<string, NodeMetadata> inputs = session.InputMetadata;
        Kind = inputs.ContainsKey("input_ids") ? ModelKind.Encoder : inputs.ContainsKey("idx") ? ModelKind.Features
            : throw Wrong("inputs", string.Join(", ", inputs.Keys), Encoder);
        string[] known = Kind == ModelKind.Encoder ? ["input_ids", "attention_mask", "token_type_ids"] : ["idx", "val", "dense"];
        foreach (string name in inputs.Keys.Except(known))
            throw Wrong("inputs", name, Encoder);
        foreach (string name in known.Except(inputs.Keys).Where(name => name != "token_type_ids"))
            throw Wrong("inputs", $"no {name}", Encoder);
        Inputs = [.. known.Where(inputs.ContainsKey).Select(name => Input(name, inputs[name]))];
        (OutputName, OutputType, OutputRank) = Output(session.OutputMetadata);
    }

    public ModelKind Kind { get; }

    public IReadOnlyList<ModelTensor> Inputs { get; }

    public string OutputName { get; }

    public TensorElementType OutputType { get; }

    /// <summary>1 for one number a prompt, 2 for a row of one.</summary>
    public int OutputRank { get; }

    /// <summary>The length to which the model insists that prompts are padded; 0 when any will do.</summary>
    public int FixedLength { get; private set; }

    private ModelTensor Input(string name, NodeMetadata node)
    {
        bool isInteger = name is not ("val" or "dense");
        bool hasType = isInteger ? node.ElementDataType is TensorElementType.Int64 or TensorElementType.Int32 : node.ElementDataType is TensorElementType.Float or TensorElementType.Float16;
        if (!hasType)
            throw Wrong(name, $"elements of type {node.ElementDataType}", isInteger ? "Int64 or Int32" : "Float or Float16");
        int[] shape = node.Dimensions;
        if (shape.Length != 2)
            throw Wrong(name, $"{shape.Length} dimensions", "2: batch and length");
        if (shape[0] > 0)
            throw Wrong(name, $"a batch of always {shape[0]}", "a dynamic first dimension (dynamic_axes={'input_ids': {0: 'batch', 1: 'length'}, ...} when exporting)");
        if (name == "dense" && shape[1] > 0 && shape[1] != DenseFeatures.Count)
            throw Wrong(name, $"{shape[1]} features", $"{DenseFeatures.Count}, those of feature version {PromptFeatures.Version}");
        if (name != "dense" && shape[1] > 0)
        {
            if (FixedLength > 0 && FixedLength != shape[1])
                throw Wrong(name, $"length {shape[1]}", $"{FixedLength}, that of the other inputs");
            if (shape[1] is < ShortestFixed or > LongestFixed)
                throw Wrong(name, $"a length of always {shape[1]}", $"a dynamic second dimension, or a fixed one of {ShortestFixed} to {LongestFixed}");
            FixedLength = shape[1];
        }

        return new ModelTensor(name, node.ElementDataType);
    }

    private (string Name, TensorElementType Type, int Rank) Output(IReadOnlyDictionary<string, NodeMetadata> outputs)
    {
        if (outputs.Count != 1)
            throw Wrong("outputs", string.Join(", ", outputs.Keys), "one, the score: export the ranking head only, without hidden states");
        (string name, NodeMetadata node) = outputs.First();
        if (node.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16))
            throw Wrong(name, $"elements of type {node.ElementDataType}", "Float or Float16");
        int[] shape = node.Dimensions;
        bool isScore = shape.Length == 1 || (shape.Length == 2 && shape[1] is 1 or < 0);
        return isScore ? (name, node.ElementDataType, shape.Length) : throw Wrong(name, $"the shape [{string.Join(", ", shape)}]", "[batch] or [batch, 1], one score a prompt: a head with num_labels=1");
    }

    private InputException Wrong(string field, string found, string allowed) => new(_path, null, field, found, allowed);
}
