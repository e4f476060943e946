namespace LlmScheduling;

/// <summary>How a <see cref="PromptRankerTrainer"/> trains. Read when training begins.</summary>
public sealed class PromptRankerTrainerOptions
{
    /// <summary>What to get right. Default: <see cref="RankerLoss.RankNet"/>.</summary>
    public RankerLoss Loss { get; set; } = RankerLoss.RankNet;

    /// <summary>Pairs whose lengths differ by less than this share of the longer one teach nothing, with the two pairwise losses; 0 or more and below 1. Default: null, which is 0.2 with <see cref="RankerLoss.Margin"/>, as PARS trains, and 0 with <see cref="RankerLoss.RankNet"/>.</summary>
    public double? MinGap { get; set; }

    /// <summary>Which prompts are held out. Default: <see cref="RankerSplit.Hash"/>.</summary>
    public RankerSplit Split { get; set; } = RankerSplit.Hash;

    /// <summary>Whether to keep the 34,000 weights that matter most, with 8 bits each (70 KB), instead of 2^18 of 32 (1.05 MB). Default: false.</summary>
    public bool IsSmall { get; set; }

    /// <summary>The model whose answers the log holds, for the card. Default: empty.</summary>
    public string ModelName { get; set; } = "";

    /// <summary>Equal seeds, rows and options give equal weights, on every machine. Default: 1.</summary>
    public ulong Seed { get; set; } = 1;

    internal void Validate()
    {
        if (!Enum.IsDefined(Loss))
            throw new ArgumentOutOfRangeException(nameof(Loss), Loss, "Loss must be one of RankerLoss.");
        if (!Enum.IsDefined(Split))
            throw new ArgumentOutOfRangeException(nameof(Split), Split, "Split must be one of RankerSplit.");
        if (MinGap is not (null or (>= 0 and < 1)))
            throw new ArgumentOutOfRangeException(nameof(MinGap), MinGap, "MinGap must be 0 or more and below 1.");
        if (ModelName is null)
            throw new ArgumentNullException(nameof(ModelName));
    }
}
