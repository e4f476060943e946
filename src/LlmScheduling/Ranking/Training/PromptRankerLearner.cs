namespace LlmScheduling;

/// <summary>Learns weights from some rows, in random blocks, and watches the order of others; the weights are the mean over the epochs so far.</summary>
internal sealed class PromptRankerLearner(FeatureRows rows, LengthTarget[] targets, BlockLoss loss, LearningPace pace)
{
    private const int BlockRows = 32;

    private readonly float[] _scores = new float[BlockRows];
    private readonly float[] _slopes = new float[BlockRows];
    private readonly LengthTarget[] _block = new LengthTarget[BlockRows];

    /// <summary>Learns until the order of <paramref name="watched"/> stops getting better.</summary>
    public LearntWeights Learn(ReadOnlySpan<int> learnt, ReadOnlySpan<int> watched, int bits, ulong seed, CancellationToken cancellationToken)
    {
        var random = new MoveRandom(seed);
        int[] order = learnt.ToArray();
        var optimizer = new AdaGrad(new RankerWeights(bits), pace.LearningRate, pace.FirstSquares);
        var sum = new RankerWeights(bits);
        var best = new LearntWeights(new RankerWeights(bits), 0, double.NegativeInfinity);
        double[] lengths = new double[watched.Length], scores = new double[watched.Length];
        for (int i = 0; i < watched.Length; i++)
            lengths[i] = targets[watched[i]].Tokens;
        for (int epoch = 1; epoch <= pace.MostEpochs && epoch - best.Epochs <= pace.Patience; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Epoch(order, optimizer, ref random);
            if (epoch < pace.FirstAveraged)
                continue;
            sum.Add(optimizer.Weights, 1);
            if (watched.IsEmpty)
            {
                best = best with { Epochs = epoch };
                continue;
            }

            for (int i = 0; i < watched.Length; i++)
                scores[i] = rows.Score(sum, watched[i]);
            double tau = KendallTau.TauB(lengths, scores);
            if (double.IsNaN(tau))
                tau = 0;
            if (tau <= best.Tau)
                continue;
            best = best with { Epochs = epoch, Tau = tau };
            Copy(sum, best.Weights, 1f / (epoch - pace.FirstAveraged + 1));
        }

        if (watched.IsEmpty)
            Copy(sum, best.Weights, 1f / (best.Epochs - pace.FirstAveraged + 1));
        return best;
    }

    private static void Copy(RankerWeights from, RankerWeights to, float share)
    {
        Array.Clear(to.Buckets);
        Array.Clear(to.Dense);
        to.Add(from, share);
    }

    private void Epoch(int[] order, AdaGrad optimizer, ref MoveRandom random)
    {
        for (int last = order.Length - 1; last > 0; last--)
        {
            int other = random.NextBelow(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        for (int start = 0; start < order.Length; start += BlockRows)
        {
            ReadOnlySpan<int> block = order.AsSpan(start, Math.Min(BlockRows, order.Length - start));
            for (int i = 0; i < block.Length; i++)
            {
                _block[i] = targets[block[i]];
                _scores[i] = rows.Score(optimizer.Weights, block[i]);
            }

            loss.Slopes(_block.AsSpan(0, block.Length), _scores.AsSpan(0, block.Length), _slopes.AsSpan(0, block.Length));
            for (int i = 0; i < block.Length; i++)
                optimizer.Step(rows.Grams(block[i]), rows.Marks(block[i]), rows.GramScale(block[i]), rows.Dense(block[i]), _slopes[i]);
        }
    }
}
