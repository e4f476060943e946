namespace LlmScheduling;

/// <summary>What <see cref="PromptText"/> counts.</summary>
internal enum CharacterCount
{
    Words,
    Numbers,
    Lines,
    Letters,
    Capitals,
    Digits,
    NonAscii,
    Punctuation,
    Questions,
    Code,
    Formula,
    Quotes,
    Commas,
    Colons,
    OtherMarks,
    Last = OtherMarks,
}
