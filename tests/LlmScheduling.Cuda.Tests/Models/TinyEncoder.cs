namespace LlmScheduling.Cuda.Tests;

/// <summary>
/// A BERT with random weights: embeddings of words, positions and token types, layers of self-attention and a feed-forward
/// network with layer norms behind, a pooler on the first piece, one score. Writes itself as ONNX, and computes the same in double precision.
/// </summary>
internal sealed class TinyEncoder
{
    private const float Epsilon = 1e-12f;

    private readonly EncoderShape _shape;
    private readonly float[] _words, _positions, _types;
    private readonly EncoderLayer[] _layers;
    private readonly Dense _pooler, _head;

    public TinyEncoder(EncoderShape shape)
    {
        _shape = shape;
        var random = new Random(shape.Seed);
        _words = Dense.Numbers(random, shape.Words * shape.Width, 1);
        _positions = Dense.Numbers(random, shape.Positions * shape.Width, 0.5);
        _types = Dense.Numbers(random, 2 * shape.Width, 0.1);
        _layers = [.. Enumerable.Range(0, shape.Layers).Select(_ => new EncoderLayer(random, shape.Width))];
        (_pooler, _head) = (new Dense(random, shape.Width, shape.Width), new Dense(random, shape.Width, 1));
    }

    public byte[] ToOnnx()
    {
        var graph = new OnnxGraph(_shape.WeightType);
        string ids = graph.Input("input_ids", _shape.IdType, _shape.FixedBatch, _shape.FixedLength), mask = graph.Input("attention_mask", _shape.IdType, _shape.FixedBatch, _shape.FixedLength);
        string length = graph.Node("Slice", [graph.Node("Shape", [ids]), graph.Integers(1), graph.Integers(2)]);
        string positions = graph.Node("Slice", [graph.Weights(_positions, _shape.Positions, _shape.Width), graph.Integers(0), length, graph.Integers(0)]);
        // Slice clamps, but a position embedding that is too short fails in a real BERT: adding it to more rows does here, too.
        string x = graph.Node("Add", [graph.Node("Gather", [graph.Weights(_words, _shape.Words, _shape.Width), ids]), positions]);
        if (_shape.HasTokenTypes)
            x = graph.Node("Add", [x, graph.Node("Gather", [graph.Weights(_types, 2, _shape.Width), graph.Input("token_type_ids", _shape.IdType, _shape.FixedBatch, _shape.FixedLength)])]);
        x = Norm(graph, x);
        string hidden = graph.Node("Mul", [graph.Node("Sub", [graph.Number(1), graph.Node("Cast", [mask], ("to", (int)_shape.WeightType))]), graph.Number(-10_000)]);
        string blind = graph.Node("Unsqueeze", [hidden, graph.Integers(1, 2)]);
        foreach (EncoderLayer layer in _layers)
        {
            x = Norm(graph, graph.Node("Add", [x, layer.Mixed.Write(graph, Attention(graph, layer, x, blind))]));
            x = Norm(graph, graph.Node("Add", [x, layer.Narrow.Write(graph, graph.Node("Relu", [layer.Wide.Write(graph, x)]))]));
        }

        string pooled = graph.Node("Tanh", [_pooler.Write(graph, graph.Node("Gather", [x, graph.Integer(0)], ("axis", 1)))]);
        string score = _head.Write(graph, pooled);
        if (_shape.OutputRank == 1)
            score = graph.Node("Squeeze", [score, graph.Integers(1)]);
        graph.Node("Cast", [score], "score", ("to", (int)_shape.OutputType));
        graph.Output("score", _shape.OutputType, _shape.OutputRank == 1 ? [0] : [0, 1]);
        if (_shape.Direction is { } direction)
            graph.Metadata("llm_scheduling.score_direction", direction);
        return graph.ToModel();
    }

    /// <summary>All weights, by the names of Hugging Face's BertForSequenceClassification.</summary>
    public IEnumerable<(string Name, int[] Shape, float[] Values)> Named()
    {
        int width = _shape.Width;
        yield return ("bert.embeddings.word_embeddings.weight", [_shape.Words, width], _words);
        yield return ("bert.embeddings.position_embeddings.weight", [_shape.Positions, width], _positions);
        yield return ("bert.embeddings.token_type_embeddings.weight", [2, width], _types);
        IEnumerable<(string, int[], float[])> rest = NamedNorm("bert.embeddings.LayerNorm").Concat(_pooler.Named("bert.pooler.dense")).Concat(_head.Named("classifier"));
        for (int i = 0; i < _layers.Length; i++)
        {
            string layer = $"bert.encoder.layer.{i}", attention = $"{layer}.attention";
            rest = rest.Concat(_layers[i].Query.Named($"{attention}.self.query")).Concat(_layers[i].Key.Named($"{attention}.self.key")).Concat(_layers[i].Value.Named($"{attention}.self.value"))
                .Concat(_layers[i].Mixed.Named($"{attention}.output.dense")).Concat(NamedNorm($"{attention}.output.LayerNorm"))
                .Concat(_layers[i].Wide.Named($"{layer}.intermediate.dense")).Concat(_layers[i].Narrow.Named($"{layer}.output.dense")).Concat(NamedNorm($"{layer}.output.LayerNorm"));
        }

        foreach ((string, int[], float[]) weights in rest)
            yield return weights;
    }

    /// <summary>The score of unpadded pieces.</summary>
    public double Score(ReadOnlySpan<int> ids)
    {
        int width = _shape.Width;
        var x = new double[ids.Length][];
        for (int at = 0; at < ids.Length; at++)
        {
            x[at] = new double[width];
            for (int i = 0; i < width; i++)
                x[at][i] = _words[ids[at] * width + i] + _positions[at * width + i] + (_shape.HasTokenTypes ? _types[i] : 0);
        }

        x = [.. x.Select(Norm)];
        foreach (EncoderLayer layer in _layers)
        {
            double[][] attended = Attention(layer, x);
            x = [.. x.Select((row, at) => Norm(Sum(row, layer.Mixed.Of(attended[at]))))];
            x = [.. x.Select(row => Norm(Sum(row, layer.Narrow.Of([.. layer.Wide.Of(row).Select(value => Math.Max(0, value))]))))];
        }

        return _head.Of([.. _pooler.Of(x[0]).Select(Math.Tanh)])[0];
    }

    private (string, int[], float[])[] NamedNorm(string name) => [($"{name}.weight", [_shape.Width], Ones()), ($"{name}.bias", [_shape.Width], new float[_shape.Width])];

    private float[] Ones()
    {
        float[] ones = new float[_shape.Width];
        Array.Fill(ones, 1);
        return ones;
    }

    private string Norm(OnnxGraph graph, string x) =>
        graph.Node("LayerNormalization", [x, graph.Weights(Ones(), _shape.Width), graph.Weights(new float[_shape.Width], _shape.Width)], ("axis", -1), ("epsilon", Epsilon));

    private string Attention(OnnxGraph graph, EncoderLayer layer, string x, string blind)
    {
        int perHead = _shape.Width / _shape.Heads;
        string Split(Dense dense, params int[] order) =>
            graph.Node("Transpose", [graph.Node("Reshape", [dense.Write(graph, x), graph.Integers(0, 0, _shape.Heads, perHead)])], ("perm", order));
        string product = graph.Node("MatMul", [Split(layer.Query, 0, 2, 1, 3), Split(layer.Key, 0, 2, 3, 1)]);
        string scaled = graph.Node("Add", [graph.Node("Div", [product, graph.Number(MathF.Sqrt(perHead))]), blind]);
        string mixed = graph.Node("MatMul", [graph.Node("Softmax", [scaled], ("axis", -1)), Split(layer.Value, 0, 2, 1, 3)]);
        return graph.Node("Reshape", [graph.Node("Transpose", [mixed], ("perm", new[] { 0, 2, 1, 3 })), graph.Integers(0, 0, _shape.Width)]);
    }

    private double[][] Attention(EncoderLayer layer, double[][] x)
    {
        int perHead = _shape.Width / _shape.Heads;
        double[][] query = [.. x.Select(layer.Query.Of)], key = [.. x.Select(layer.Key.Of)], value = [.. x.Select(layer.Value.Of)];
        double[][] output = [.. x.Select(_ => new double[_shape.Width])];
        for (int head = 0; head < _shape.Heads; head++)
        {
            int from = head * perHead;
            for (int at = 0; at < x.Length; at++)
            {
                double[] weights = [.. key.Select(row => Dot(query[at], row, from, perHead) / Math.Sqrt(perHead))];
                double most = weights.Max();
                weights = [.. weights.Select(weight => Math.Exp(weight - most))];
                double sum = weights.Sum();
                for (int other = 0; other < x.Length; other++)
                {
                    for (int i = from; i < from + perHead; i++)
                        output[at][i] += weights[other] / sum * value[other][i];
                }
            }
        }

        return output;
    }

    private static double Dot(double[] one, double[] other, int from, int count) => Enumerable.Range(from, count).Sum(i => one[i] * other[i]);

    private static double[] Sum(double[] one, double[] other) => [.. one.Zip(other, (a, b) => a + b)];

    private static double[] Norm(double[] x)
    {
        double mean = x.Average(), variance = x.Average(value => (value - mean) * (value - mean));
        return [.. x.Select(value => (value - mean) / Math.Sqrt(variance + Epsilon))];
    }
}
