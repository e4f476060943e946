namespace OnnxDecoder.Tests;

/// <summary>One sequence through a <see cref="TinyDecoder"/>, token by token, in double precision.</summary>
internal sealed class ReferenceRun(TinyDecoder model)
{
    private readonly List<double[]>[] _keys = [.. model.Layers.Select(_ => new List<double[]>())];
    private readonly List<double[]>[] _values = [.. model.Layers.Select(_ => new List<double[]>())];
    private int _position;

    /// <summary>The tokens that follow a prompt when the best one is always taken, up to one that ends it.</summary>
    public static List<int> Greedy(TinyDecoder model, IReadOnlyList<int> prompt, int count, IReadOnlyCollection<int> ends)
    {
        var run = new ReferenceRun(model);
        double[] scores = [];
        foreach (int token in prompt)
            scores = run.Next(token);
        List<int> answer = [];
        while (answer.Count < count)
        {
            answer.Add(Array.IndexOf(scores, scores.Max()));
            if (ends.Contains(answer[^1]))
                break;
            scores = run.Next(answer[^1]);
        }

        return answer;
    }

    /// <summary>Takes a token; gives the scores of what may follow.</summary>
    public double[] Next(int token)
    {
        int width = model.Shape.Width;
        var x = new double[width];
        for (int i = 0; i < width; i++)
            x[i] = model.Words[token * width + i] + model.Positions[_position * width + i];
        _position++;
        for (int layer = 0; layer < model.Layers.Length; layer++)
        {
            DecoderLayer weights = model.Layers[layer];
            Add(x, weights.Mixed.Of(Attention(layer, Norm(x))));
            Add(x, weights.Narrow.Of([.. weights.Wide.Of(Norm(x)).Select(value => Math.Max(0, value))]));
        }

        return model.Head.Of(Norm(x));
    }

    private double[] Attention(int layer, double[] x)
    {
        (List<double[]> keys, List<double[]> values) = (_keys[layer], _values[layer]);
        double[] query = model.Layers[layer].Query.Of(x), output = new double[x.Length];
        keys.Add(model.Layers[layer].Key.Of(x));
        values.Add(model.Layers[layer].Value.Of(x));
        int size = model.Shape.HeadSize;
        for (int head = 0; head < model.Shape.Heads; head++)
        {
            int from = head * size, kvFrom = head * model.Shape.KvHeads / model.Shape.Heads * size;
            double[] weights = [.. keys.Select(key => Enumerable.Range(0, size).Sum(i => query[from + i] * key[kvFrom + i]) / Math.Sqrt(size))];
            double most = weights.Max();
            weights = [.. weights.Select(weight => Math.Exp(weight - most))];
            double sum = weights.Sum();
            for (int other = 0; other < weights.Length; other++)
            {
                for (int i = 0; i < size; i++)
                    output[from + i] += weights[other] / sum * values[other][kvFrom + i];
            }
        }

        return output;
    }

    private static void Add(double[] x, double[] added)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] += added[i];
    }

    private static double[] Norm(double[] x)
    {
        double mean = x.Average(), variance = x.Average(value => (value - mean) * (value - mean));
        return [.. x.Select(value => (value - mean) / Math.Sqrt(variance + TinyDecoder.Epsilon))];
    }
}
