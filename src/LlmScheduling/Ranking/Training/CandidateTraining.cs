namespace LlmScheduling;

/// <summary>Learns weights fold by fold and averages them, so that every row is learnt from and, by another fold's weights, held out.</summary>
/// <remarks>
/// Weights are divided by the standard deviation of their scores on held-out rows before they are averaged: the mean of linear
/// rankers is a linear ranker, and orders better than each. With a single fold, which holds out the newest rows, the weights are
/// learnt again from all rows, for as many epochs as the fold took. Where only some buckets may keep a weight, each fold chooses
/// its own without the rows that it holds out, and the average is cut the same way.
/// </remarks>
internal sealed class CandidateTraining(FeatureRows rows, LengthTarget[] targets, ValidationFold[] folds, BlockLoss loss, LearningPace pace, ulong seed)
{
    public RankerCandidate Learn(RankerKind kind, int bits, int mostBuckets, CancellationToken cancellationToken)
    {
        var mean = new RankerWeights(bits);
        var heldOut = new float[targets.Length];
        Array.Fill(heldOut, float.NaN);
        float center = 0;
        for (int fold = 0; fold < folds.Length; fold++)
        {
            int[] watched = folds[fold].Watched, known = [.. watched.Where(row => !targets[row].IsTruncated)];
            LearntWeights learnt = new PromptRankerLearner(rows, targets, loss, pace).Learn(folds[fold].Learnt, known, bits, StepSeed.Of(seed, fold), cancellationToken);
            RankerWeights cut = KeptBuckets.Of(learnt.Weights, rows, folds[fold].Learnt, mostBuckets);
            double[] scores = [.. watched.Select(row => (double)rows.Score(cut, row))];
            double average = scores.Length == 0 ? 0 : scores.Sum() / scores.Length, squares = 0;
            foreach (double score in scores)
                squares += (score - average) * (score - average);
            double scale = squares > 0 ? 1 / Math.Sqrt(squares / scores.Length) : 1;
            for (int i = 0; i < watched.Length; i++)
                heldOut[watched[i]] = (float)((scores[i] - average) * scale);
            center += (float)(average * scale / folds.Length);
            RankerWeights kept = folds.Length > 1 ? learnt.Weights : LearnAll(learnt.Epochs, bits, cancellationToken);
            mean.Add(kept, (float)(scale / folds.Length));
        }

        for (int row = 0; row < heldOut.Length; row++)
            heldOut[row] += center;
        return new RankerCandidate(kind, KeptBuckets.Of(mean, rows, [.. Enumerable.Range(0, targets.Length)], mostBuckets), heldOut);
    }

    private RankerWeights LearnAll(int epochs, int bits, CancellationToken cancellationToken)
    {
        int[] all = [.. Enumerable.Range(0, targets.Length)];
        return new PromptRankerLearner(rows, targets, loss, pace with { MostEpochs = epochs }).Learn(all, [], bits, StepSeed.Of(seed, folds.Length), cancellationToken).Weights;
    }
}
