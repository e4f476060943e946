namespace LlmScheduling;

/// <summary>Runs a model over rows of one bucket.</summary>
internal interface IBatchScorer : IDisposable
{
    /// <summary>Writes the model's own score of each row. One caller at a time.</summary>
    /// <param name="rows">1 to the largest batch.</param>
    /// <param name="length">What they are padded to; no row is longer.</param>
    /// <param name="scores">One number a row.</param>
    void Score(ReadOnlySpan<PromptRow> rows, int length, Span<float> scores);

    /// <summary>Ends a run that is under way, and fails all that follow. Any thread.</summary>
    void Stop();
}
