namespace LlmScheduling;

/// <summary>What BERT's basic tokenizer does with a character.</summary>
internal enum CharacterKind
{
    /// <summary>Part of a word.</summary>
    Letter,

    /// <summary>Ends a word and is dropped.</summary>
    Blank,

    /// <summary>Ends a word and is a word of its own.</summary>
    Alone,

    /// <summary>Dropped, as if it had not been there.</summary>
    Nothing,
}
