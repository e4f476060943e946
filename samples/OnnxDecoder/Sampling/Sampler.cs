namespace OnnxDecoder;

/// <summary>Picks the next token: the best one at temperature 0, else one drawn from the fewest tokens that have <c>top_p</c> of the probability (Holtzman et al., "The Curious Case of Neural Text Degeneration"). Not thread-safe.</summary>
internal sealed class Sampler
{
    private static readonly Comparer<(double Weight, int Token)> HeavierFirst = Comparer<(double Weight, int Token)>.Create((one, other) => other.Weight.CompareTo(one.Weight));

    private (double Weight, int Token)[] _weights = [];

    /// <summary>The token; null where the best score is no number, which a Float16 model may have for some prompts.</summary>
    public int? Pick(ReadOnlySpan<float> logits, double temperature, double topP, Random random)
    {
        int best = 0;
        for (int token = 1; token < logits.Length; token++)
            best = logits[token] > logits[best] ? token : best;
        if (!float.IsFinite(logits[best]))
            return null;
        return temperature == 0 || topP == 0 ? best : Draw(logits, best, temperature, topP, random);
    }

    private int Draw(ReadOnlySpan<float> logits, int best, double temperature, double topP, Random random)
    {
        if (_weights.Length < logits.Length)
            _weights = new (double, int)[logits.Length];
        double all = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            double weight = Math.Exp((logits[token] - logits[best]) / temperature);
            _weights[token] = (weight, token);
            all += weight;
        }

        Span<(double Weight, int Token)> likely = _weights.AsSpan(0, logits.Length);
        if (topP < 1)
            likely = likely[..Nucleus(likely, topP, ref all)];
        double drawn = random.NextDouble() * all;
        foreach ((double weight, int token) in likely)
        {
            drawn -= weight;
            if (drawn < 0)
                return token;
        }

        return best;
    }

    /// <summary>Puts the heaviest first that weigh enough together, and counts them. Each weighs at least the mean of what they leave, so that most tokens need not be sorted.</summary>
    private static int Nucleus(Span<(double Weight, int Token)> weights, double topP, ref double all)
    {
        double enough = topP * all, least = (1 - topP) * all / weights.Length;
        int count = 0;
        foreach ((double Weight, int Token) one in weights)
        {
            if (one.Weight >= least)
                weights[count++] = one;
        }

        weights[..count].Sort(HeavierFirst);
        all = 0;
        int most = 0;
        while (most < count && all < enough)
            all += weights[most++].Weight;
        return most;
    }
}
