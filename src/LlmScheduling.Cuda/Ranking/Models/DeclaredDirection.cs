namespace LlmScheduling;

/// <summary>Which way a model's score points: as declared in the options, in the file, or alike in both. Never guessed.</summary>
internal static class DeclaredDirection
{
    public const string Property = "llm_scheduling.score_direction";

    /// <exception cref="InputException">Nobody says it, or both and differently.</exception>
    public static ScoreDirection Of(string path, OnnxHeader header, ScoreDirection? declared)
    {
        ScoreDirection? written = header[Property] switch
        {
            null => null,
            "longer" => ScoreDirection.HigherIsLonger,
            "shorter" => ScoreDirection.HigherIsShorter,
            { } other => throw new InputException(path, null, Property, other, "longer or shorter: what a higher score means"),
        };
        if (declared is null && written is null)
            throw new InputException(path, null, Property, "nothing", $"longer or shorter in the model's metadata, or {nameof(OnnxRankerOptions)}.{nameof(OnnxRankerOptions.Direction)}: a model trained as PARS does is {nameof(ScoreDirection.HigherIsLonger)}");
        if (declared is { } one && written is { } inFile && one != inFile)
            throw new InputException(path, null, Property, header[Property]!, $"what {nameof(OnnxRankerOptions)}.{nameof(OnnxRankerOptions.Direction)} says ({one}), or one of the two left out");
        return declared ?? written!.Value;
    }
}
