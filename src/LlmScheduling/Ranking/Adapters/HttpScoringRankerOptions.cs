namespace LlmScheduling;

/// <summary>How an <see cref="HttpScoringRanker"/> asks. Read when it is made.</summary>
public sealed class HttpScoringRankerOptions
{
    /// <summary>How long one request to the service may take; above 0. Default: 5 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most prompts in one request to the service; 1 to 1,024. Default: 32.</summary>
    public int MaxBatch { get; set; } = 32;

    /// <summary>The most characters of a prompt that are sent, from its beginning; 1 or more. Default: 8,000.</summary>
    public int MaxPromptCharacters { get; set; } = 8_000;

    /// <summary>Measures <see cref="Timeout"/>. Default: the system's clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "Timeout must be above 0 and at most a day.");
        if (MaxBatch is < 1 or > 1_024)
            throw new ArgumentOutOfRangeException(nameof(MaxBatch), MaxBatch, "MaxBatch must be 1 to 1024.");
        if (MaxPromptCharacters < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxPromptCharacters), MaxPromptCharacters, "MaxPromptCharacters must be 1 or more.");
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
