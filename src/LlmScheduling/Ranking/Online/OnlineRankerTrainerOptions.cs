namespace LlmScheduling;

/// <summary>How an <see cref="OnlineRankerTrainer"/> learns. Read when it is made.</summary>
public sealed class OnlineRankerTrainerOptions
{
    /// <summary>What to serve by and to learn on from; null: from nothing. Default: null.</summary>
    public PromptFeatureRanker? Start { get; set; }

    /// <summary>Completions that may wait to be learnt from; more are counted in <see cref="OnlineRankerTrainer.Dropped"/> and forgotten. 1 to 1,000,000. Default: 1,024.</summary>
    public int MaxPending { get; set; } = 1_024;

    /// <summary>The model that answers, for the rankers' cards. Default: empty.</summary>
    public string ModelName { get; set; } = "";

    /// <summary>Equal seeds and equal completions in equal order give equal rankers. Default: 1.</summary>
    public ulong Seed { get; set; } = 1;

    internal void Validate()
    {
        if (MaxPending is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(MaxPending), MaxPending, "MaxPending must be 1 to 1000000.");
        ArgumentNullException.ThrowIfNull(ModelName);
    }
}
