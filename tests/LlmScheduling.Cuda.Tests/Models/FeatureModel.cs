namespace LlmScheduling.Cuda.Tests;

/// <summary>A ranker over this library's prompt features with random weights: a bag of embeddings, the dense features beside it, one hidden layer, one score.</summary>
internal sealed class FeatureModel
{
    private const int Bits = 10, Width = 16, Hidden = 32;

    private readonly float[] _embedding;
    private readonly Dense _hidden, _head;

    public FeatureModel()
    {
        var random = new Random(3);
        _embedding = Dense.Numbers(random, (1 << Bits) * Width, 1);
        (_hidden, _head) = (new Dense(random, Width + DenseFeatures.Count, Hidden), new Dense(random, Hidden, 1));
    }

    public static byte[] ToOnnx(FeatureModel model, OnnxType type = OnnxType.Float, string? version = "1", string? bits = "10", int denseWidth = DenseFeatures.Count)
    {
        var graph = new OnnxGraph();
        string idx = graph.Input("idx", OnnxType.Int64, 0, 0), val = graph.Node("Cast", [graph.Input("val", type, 0, 0)], ("to", 1)), dense = graph.Node("Cast", [graph.Input("dense", type, 0, denseWidth)], ("to", 1));
        if (denseWidth < DenseFeatures.Count)
            dense = graph.Node("Pad", [dense, graph.Integers(0, 0, 0, DenseFeatures.Count - denseWidth)]);
        string weighted = graph.Node("Mul", [graph.Node("Gather", [graph.Weights(model._embedding, 1 << Bits, Width), idx]), graph.Node("Unsqueeze", [val, graph.Integers(2)])]);
        string bag = graph.Node("ReduceSum", [weighted, graph.Integers(1)], ("keepdims", 0));
        string hidden = graph.Node("Relu", [model._hidden.Write(graph, graph.Node("Concat", [bag, dense], ("axis", 1)))]);
        graph.Node("Squeeze", [model._head.Write(graph, hidden), graph.Integers(1)], "score");
        graph.Output("score", OnnxType.Float, 0);
        graph.Metadata("llm_scheduling.score_direction", "longer");
        if (version is not null)
            graph.Metadata("llm_scheduling.feature_version", version);
        if (bits is not null)
            graph.Metadata("llm_scheduling.feature_bits", bits);
        return graph.ToModel();
    }

    public double Score(string prompt)
    {
        var features = new PromptFeatures(Bits);
        features.Read(prompt);
        double[] input = new double[Width + DenseFeatures.Count];
        Add(input, features.Grams, features.GramScale);
        Add(input, features.Marks, PromptFeatures.MarkScale);
        for (int i = 0; i < DenseFeatures.Count; i++)
            input[Width + i] = features.Dense[i];
        return _head.Of([.. _hidden.Of(input).Select(value => Math.Max(0, value))])[0];
    }

    private void Add(double[] bag, ReadOnlySpan<int> buckets, double scale)
    {
        foreach (int bucket in buckets)
        {
            for (int i = 0; i < Width; i++)
                bag[i] += scale * _embedding[bucket * Width + i];
        }
    }
}
