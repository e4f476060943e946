namespace LlmScheduling;

/// <summary>What a model reads.</summary>
internal enum ModelKind
{
    /// <summary>Word pieces: input_ids, attention_mask, and token_type_ids if it asks.</summary>
    Encoder,

    /// <summary>The features of <see cref="PromptFeatures"/>: idx, val and dense.</summary>
    Features,
}
