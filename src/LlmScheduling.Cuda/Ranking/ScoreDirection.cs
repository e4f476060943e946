namespace LlmScheduling;

/// <summary>What a model's score means; a model cannot be asked, so whoever trained it must say.</summary>
public enum ScoreDirection
{
    /// <summary>A higher score means a longer answer, as in PARS (arXiv 2510.03243).</summary>
    HigherIsLonger,

    /// <summary>A higher score means a shorter answer, as in vllm-ltr (arXiv 2408.15792); the ranker turns its sign.</summary>
    HigherIsShorter,
}
