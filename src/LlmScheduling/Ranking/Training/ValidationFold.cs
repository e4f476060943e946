namespace LlmScheduling;

/// <summary>Rows to learn from, and rows to watch meanwhile.</summary>
internal readonly record struct ValidationFold(int[] Learnt, int[] Watched)
{
    private const int HashFolds = 4, TimeShare = 5;

    public static ValidationFold[] Of(TrainingLog log, RankerSplit split)
    {
        int[] rows = [.. Enumerable.Range(0, log.Count)];
        if (split == RankerSplit.Time)
        {
            int[] byTime = [.. rows.OrderBy(row => log.Times[row]).ThenBy(row => row)];
            int cut = log.Count - log.Count / TimeShare;
            return [new ValidationFold(byTime[..cut], byTime[cut..])];
        }

        ulong[] hashes = [.. log.Prompts.Select(prompt => PromptEquality.StableHash(prompt.Span))];
        return [.. Enumerable.Range(0, HashFolds).Select(fold => new ValidationFold(
            [.. rows.Where(row => hashes[row] % HashFolds != (ulong)fold)],
            [.. rows.Where(row => hashes[row] % HashFolds == (ulong)fold)]))];
    }
}
