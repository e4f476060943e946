namespace LlmScheduling;

/// <summary>
/// The different prompts of a log, each with one length, in the order of their first answer. Of a prompt that was answered more
/// than once, the length is the median of its answers, and it is truncated when that answer was.
/// </summary>
internal sealed class TrainingLog
{
    private TrainingLog(ReadOnlyMemory<char>[] prompts, LengthTarget[] targets, DateTimeOffset?[] times) => (Prompts, Targets, Times) = (prompts, targets, times);

    public ReadOnlyMemory<char>[] Prompts { get; }

    public LengthTarget[] Targets { get; }

    /// <summary>When each was first answered.</summary>
    public DateTimeOffset?[] Times { get; }

    public int Count => Prompts.Length;

    public static TrainingLog Of(IReadOnlyList<LoggedResponse> rows)
    {
        var answers = new Dictionary<ReadOnlyMemory<char>, List<LoggedResponse>>(PromptEquality.Instance);
        var prompts = new List<ReadOnlyMemory<char>>();
        foreach (LoggedResponse row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row.ResponseTokens, nameof(rows));
            if (!answers.TryGetValue(row.Prompt, out List<LoggedResponse>? ofPrompt))
            {
                answers.Add(row.Prompt, ofPrompt = []);
                prompts.Add(row.Prompt);
            }

            ofPrompt.Add(row);
        }

        LoggedResponse[] medians = [.. prompts.Select(prompt => Median(answers[prompt]))];
        return new TrainingLog([.. prompts], Targets(medians), [.. prompts.Select(prompt => answers[prompt].Min(row => row.At))]);

        static LengthTarget[] Targets(LoggedResponse[] rows)
        {
            double[] logs = [.. rows.Select(row => PortableMath.Log(1.0 + row.ResponseTokens))];
            double mean = logs.Length == 0 ? 0 : logs.Sum() / logs.Length, squares = 0;
            foreach (double log in logs)
                squares += (log - mean) * (log - mean);
            double deviation = squares > 0 ? Math.Sqrt(squares / logs.Length) : 1;
            return [.. rows.Select((row, i) => new LengthTarget(row.ResponseTokens, row.IsTruncated, (float)((logs[i] - mean) / deviation)))];
        }
    }

    private static LoggedResponse Median(List<LoggedResponse> answers)
    {
        // Of equally long ones those that were cut off are known to be longer.
        answers.Sort((one, other) => (one.ResponseTokens, one.IsTruncated).CompareTo((other.ResponseTokens, other.IsTruncated)));
        return answers[(answers.Count - 1) / 2];
    }
}
