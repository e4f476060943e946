namespace LlmScheduling;

/// <summary>What a <see cref="PromptFeatureRanker"/> was made from and how good it was then; stored in its file.</summary>
public sealed record PromptRankerCard
{
    /// <summary>Which score it gives.</summary>
    public RankerKind Kind { get; init; }

    /// <summary>The model whose answers it learnt; empty when not said.</summary>
    public string ModelName { get; init; } = "";

    /// <summary>What it was trained to get right.</summary>
    public RankerLoss Loss { get; init; }

    /// <summary>Different prompts it learnt from.</summary>
    public int Rows { get; init; }

    /// <summary>How many of them had an answer that was cut off at a limit.</summary>
    public int TruncatedRows { get; init; }

    /// <summary>The first answer; null when the log had no times.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The last answer; null when the log had no times.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Kendall's tau-b between score and length on prompts that were held out while it learnt; NaN when not known.</summary>
    public double TauB { get; init; } = double.NaN;

    /// <summary>Standard error of <see cref="TauB"/>; NaN when not known.</summary>
    public double StandardError { get; init; } = double.NaN;

    /// <summary>Tau-b of the prompt's length in characters on the same prompts; NaN when not known.</summary>
    public double PromptLengthTauB { get; init; } = double.NaN;

    /// <summary>The seed it was trained with.</summary>
    public ulong Seed { get; init; }
}
