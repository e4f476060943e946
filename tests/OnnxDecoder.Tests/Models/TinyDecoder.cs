namespace OnnxDecoder.Tests;

/// <summary>
/// A causal language model with random weights and grouped heads. Writes itself as ONNX with the inputs and outputs that
/// Optimum gives a text-generation-with-past export; <see cref="ReferenceRun"/> computes the same in double precision.
/// </summary>
internal sealed class TinyDecoder
{
    public const double Epsilon = 1e-6;

    private int _roundings;

    public TinyDecoder(DecoderShape shape)
    {
        Shape = shape;
        var random = new Random(shape.Seed);
        Words = Dense.Numbers(random, shape.Words * shape.Width, 1);
        if (shape.Spoiler is { } spoiler)
            Words[spoiler * shape.Width] = float.NaN;
        Positions = Dense.Numbers(random, shape.Positions * shape.Width, 1);
        Layers = [.. Enumerable.Range(0, shape.Layers).Select(_ => new DecoderLayer(random, shape))];
        Head = new Dense(random, shape.Width, shape.Words);
    }

    public DecoderShape Shape { get; }

    public float[] Words { get; }

    public float[] Positions { get; }

    public DecoderLayer[] Layers { get; }

    public Dense Head { get; }

    public byte[] ToOnnx()
    {
        var graph = new OnnxGraph();
        string ids = graph.Input("input_ids", Shape.IdType, 0, 0), mask = graph.Input("attention_mask", Shape.IdType, 0, 0);
        if (Shape.HasOtherInput)
            graph.Input("use_cache_branch", OnnxType.Int64, 1);
        string length = SizeOf(graph, ids), all = SizeOf(graph, mask), past = graph.Node("Sub", [all, length]);
        string positions = Shape.HasPositions ? graph.Input("position_ids", Shape.IdType, 0, 0) : Counted(graph, mask, past);
        string x = graph.Node("Add", [graph.Node("Gather", [graph.Weights(Words, Shape.Words, Shape.Width), ids]), graph.Node("Gather", [graph.Weights(Positions, Shape.Positions, Shape.Width), positions])]);
        if (Shape.IsForOne)
            x = graph.Node("Reshape", [x, graph.Integers(1, -1, Shape.Width)]);
        string blind = Shape.IsFused ? "" : Blind(graph, mask, past, all);
        (string last, string total) = Shape.IsFused ? Lengths(graph, mask, all) : ("", "");
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            x = graph.Node("Add", [x, Linear(graph, Layers[layer].Mixed, Shape.IsFused ? FusedAttention(graph, layer, Norm(graph, x), last, total) : Attention(graph, layer, Norm(graph, x), blind))]);
            x = graph.Node("Add", [x, Linear(graph, Layers[layer].Narrow, graph.Node("Relu", [Linear(graph, Layers[layer].Wide, Norm(graph, x))]))]);
        }

        if (Shape.HasLogitsToKeep)
            x = graph.Node("Slice", [x, graph.Node("Unsqueeze", [graph.Node("Neg", [graph.Input("num_logits_to_keep", OnnxType.Int64)]), graph.Integers(0)]), graph.Integers(int.MaxValue), graph.Integers(1)]);
        graph.Node("Cast", [Linear(graph, Head, Norm(graph, x))], "logits", ("to", (int)Shape.Type));
        graph.Output("logits", Shape.Type, 0, 0, Shape.Words);
        return graph.ToModel();
    }

    private static string SizeOf(OnnxGraph graph, string input) => graph.Node("Gather", [graph.Node("Shape", [input]), graph.Integer(1)], ("axis", 0));

    /// <summary>Positions of the new tokens: how many tokens the mask shows before each.</summary>
    private static string Counted(OnnxGraph graph, string mask, string past)
    {
        string counted = graph.Node("Sub", [graph.Node("CumSum", [mask, graph.Integer(1)]), graph.Integer(1)]);
        return graph.Node("Slice", [counted, graph.Node("Unsqueeze", [past, graph.Integers(0)]), graph.Integers(int.MaxValue), graph.Integers(1)]);
    }

    /// <summary>Of each sequence the place of its last token; and how long the longest is. As the exporter of onnxruntime-genai writes them.</summary>
    private static (string Last, string Total) Lengths(OnnxGraph graph, string mask, string all)
    {
        string last = graph.Node("Sub", [graph.Node("ReduceSum", [mask, graph.Integers(1)], ("keepdims", 0)), graph.Integer(1)]);
        return (graph.Node("Cast", [last], ("to", (int)OnnxType.Int32)), graph.Node("Cast", [all], ("to", (int)OnnxType.Int32)));
    }

    private string FusedAttention(OnnxGraph graph, int layer, string x, string last, string total)
    {
        string[] past = new string[2], present = new string[2];
        foreach ((string part, int i) in new[] { ("key", 0), ("value", 1) })
        {
            past[i] = graph.Input($"past_key_values.{layer}.{part}", OnnxType.Float, 0, Shape.KvHeads, 0, Shape.HeadSize);
            graph.Output(present[i] = $"present.{layer}.{part}", OnnxType.Float, 0, Shape.KvHeads, 0, Shape.HeadSize);
        }

        string mixed = $"mixed.{layer}";
        string[] inputs = [Linear(graph, Layers[layer].Query, x), Linear(graph, Layers[layer].Key, x), Linear(graph, Layers[layer].Value, x), .. past, last, total];
        graph.Node("com.microsoft", "GroupQueryAttention", inputs, [mixed, .. present], ("num_heads", Shape.Heads), ("kv_num_heads", Shape.KvHeads));
        return mixed;
    }

    /// <summary>0 where a token may look, much less than any score elsewhere.</summary>
    private string Blind(OnnxGraph graph, string mask, string past, string all)
    {
        string columns = graph.Node("Range", [graph.Integer(0), all, graph.Integer(1)]), rows = graph.Node("Range", [past, all, graph.Integer(1)]);
        string visible = graph.Node("LessOrEqual", [graph.Node("Unsqueeze", [columns, graph.Integers(0)]), graph.Node("Unsqueeze", [rows, graph.Integers(1)])]);
        if (!Shape.SeesPadding)
            visible = graph.Node("And", [visible, graph.Node("Unsqueeze", [graph.Node("Cast", [mask], ("to", 9)), graph.Integers(1, 2)])]);
        return graph.Node("Where", [visible, graph.Number(0), graph.Number(-1e9f)]);
    }

    private string Attention(OnnxGraph graph, int layer, string x, string blind)
    {
        DecoderLayer weights = Layers[layer];
        OnnxType type = Shape.CacheType ?? Shape.Type;
        string Split(Dense dense, int heads) =>
            graph.Node("Transpose", [graph.Node("Reshape", [Linear(graph, dense, x), graph.Integers(0, 0, heads, Shape.HeadSize)])], ("perm", new[] { 0, 2, 1, 3 }));
        string Cached(Dense dense, string part)
        {
            string past = graph.Input($"past_key_values.{layer}.{part}", type, Shape.FixedBatch, Shape.KvHeads, 0, Shape.HeadSize);
            string present = $"present.{layer}.{part}";
            graph.Node("Concat", [past, graph.Node("Cast", [Split(dense, Shape.KvHeads)], ("to", (int)type))], present, ("axis", 2));
            graph.Output(present, type, 0, Shape.KvHeads, 0, Shape.HeadSize);
            long[] kvHeadOf = [.. Enumerable.Range(0, Shape.Heads).Select(head => (long)(head * Shape.KvHeads / Shape.Heads))];
            return graph.Node("Gather", [graph.Node("Cast", [present], ("to", 1)), graph.Integers(kvHeadOf)], ("axis", 1));
        }

        string key = graph.Node("Transpose", [Cached(weights.Key, "key")], ("perm", new[] { 0, 1, 3, 2 })), value = Cached(weights.Value, "value");
        string scores = graph.Node("Div", [graph.Node("MatMul", [Split(weights.Query, Shape.Heads), key]), graph.Number(MathF.Sqrt(Shape.HeadSize))]);
        string mixed = graph.Node("MatMul", [graph.Node("Softmax", [graph.Node("Add", [scores, blind])], ("axis", -1)), value]);
        return graph.Node("Reshape", [graph.Node("Transpose", [mixed], ("perm", new[] { 0, 2, 1, 3 })), graph.Integers(0, 0, Shape.Width)]);
    }

    private string Linear(OnnxGraph graph, Dense dense, string x)
    {
        if (!Shape.IsQuantized)
            return dense.Write(graph, x);
        string[] rounded = [$"rounded.{_roundings}", $"scale.{_roundings}", $"zero.{_roundings++}"];
        graph.Node("", "DynamicQuantizeLinear", [x], rounded);
        return dense.Write(graph, graph.Node("DequantizeLinear", rounded));
    }

    private string Norm(OnnxGraph graph, string x)
    {
        float[] ones = new float[Shape.Width];
        Array.Fill(ones, 1);
        return graph.Node("LayerNormalization", [x, graph.Weights(ones, Shape.Width), graph.Weights(new float[Shape.Width], Shape.Width)], ("axis", -1), ("epsilon", (float)Epsilon));
    }
}
