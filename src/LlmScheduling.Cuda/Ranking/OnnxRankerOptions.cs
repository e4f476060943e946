namespace LlmScheduling;

/// <summary>How an <see cref="OnnxRequestRanker"/> reads prompts and runs its model. Plain values: bindable, settable in a lambda, validated and frozen when the model is loaded.</summary>
public sealed class OnnxRankerOptions
{
    /// <summary>What the score means. Default: what the model's metadata property <c>llm_scheduling.score_direction</c> says (<c>longer</c> or <c>shorter</c>); loading fails when neither says it, or both and differently.</summary>
    public ScoreDirection? Direction { get; set; }

    /// <summary>The vocab.txt of an encoder. Default: the file of that name beside the model.</summary>
    public string? VocabularyPath { get; set; }

    /// <summary>Whether the encoder is an uncased one: text is lower-cased and accents are dropped. Default: true.</summary>
    public bool LowerCase { get; set; } = true;

    /// <summary>Most word pieces that an encoder reads of a prompt, [CLS] and [SEP] included; 8 to 4,096. Default: 128, as in PARS.</summary>
    public int MaxTokens { get; set; } = 128;

    /// <summary>Most prompts in one run of the model; 1 to 1,024. Default: 32.</summary>
    public int MaxBatchSize { get; set; } = 32;

    /// <summary>How long the first prompt waits for others while fewer than <see cref="MaxBatchSize"/> have come; zero to one second. Default: zero, where a batch is what came while the one before ran.</summary>
    public TimeSpan MaxBatchDelay { get; set; }

    /// <summary>Whether CUDA is tried before the CPU. Default: true.</summary>
    public bool UseCuda { get; set; } = true;

    /// <summary>Which of the machine's CUDA devices; 0 or more. Default: 0.</summary>
    public int CudaDevice { get; set; }

    /// <summary>Threads of one run on the CPU; 1 or more, or 0 for as many as there are cores. Default: 1, since the scheduler and its server come first.</summary>
    public int CpuThreads { get; set; } = 1;

    /// <summary>One message per value out of range, naming the property, what was found and what is allowed; empty when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Direction is { } direction && !Enum.IsDefined(direction)) yield return Message(nameof(Direction), direction, "HigherIsLonger or HigherIsShorter");
        if (MaxTokens is < 8 or > 4_096) yield return Message(nameof(MaxTokens), MaxTokens, "8 to 4096");
        if (MaxBatchSize is < 1 or > 1_024) yield return Message(nameof(MaxBatchSize), MaxBatchSize, "1 to 1024");
        if (MaxBatchDelay < TimeSpan.Zero || MaxBatchDelay > TimeSpan.FromSeconds(1)) yield return Message(nameof(MaxBatchDelay), MaxBatchDelay, "0 to 1 second");
        if (CudaDevice < 0) yield return Message(nameof(CudaDevice), CudaDevice, "0 or more");
        if (CpuThreads < 0) yield return Message(nameof(CpuThreads), CpuThreads, "0 or more");
    }

    /// <summary>A checked copy that nobody else can change.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal OnnxRankerOptions Frozen() =>
        Problems().FirstOrDefault() is { } problem ? throw new ArgumentException(problem) : (OnnxRankerOptions)MemberwiseClone();

    private static string Message(string property, object found, string allowed) =>
        FormattableString.Invariant($"OnnxRankerOptions.{property} is {found}; it must be {allowed}.");
}
