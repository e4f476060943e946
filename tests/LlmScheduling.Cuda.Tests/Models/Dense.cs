namespace LlmScheduling.Cuda.Tests;

/// <summary>A linear layer with random weights.</summary>
internal sealed class Dense
{
    private readonly int _inputs, _outputs;
    private readonly float[] _weights, _bias;

    public Dense(Random random, int inputs, int outputs)
    {
        (_inputs, _outputs) = (inputs, outputs);
        _weights = Numbers(random, inputs * outputs, 1.5 / Math.Sqrt(inputs));
        _bias = Numbers(random, outputs, 0.1);
    }

    public static float[] Numbers(Random random, int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)(scale * (2 * random.NextDouble() - 1)))];

    public string Write(OnnxGraph graph, string input) =>
        graph.Node("Add", [graph.Node("MatMul", [input, graph.Weights(_weights, _inputs, _outputs)]), graph.Weights(_bias, _outputs)]);

    /// <summary>As PyTorch keeps them: a row of weights for each output, then the bias.</summary>
    public IEnumerable<(string Name, int[] Shape, float[] Values)> Named(string name) =>
    [
        ($"{name}.weight", [_outputs, _inputs], [.. Enumerable.Range(0, _weights.Length).Select(at => _weights[at % _inputs * _outputs + at / _inputs])]),
        ($"{name}.bias", [_outputs], _bias),
    ];

    public double[] Of(double[] input)
    {
        var output = new double[_outputs];
        for (int j = 0; j < _outputs; j++)
        {
            output[j] = _bias[j];
            for (int i = 0; i < _inputs; i++)
                output[j] += input[i] * _weights[i * _outputs + j];
        }

        return output;
    }
}
