using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>The word that is being gathered, normalised. Longer words than BERT splits are only counted.</summary>
internal ref struct WordBuffer(Span<char> characters)
{
    /// <summary>Words of more code points become [UNK] whole.</summary>
    public const int MostCodePoints = 100;

    private readonly Span<char> _characters = characters;
    private int _length, _codePoints;

    public readonly bool IsEmpty => _codePoints == 0;

    public readonly bool IsTooLong => _codePoints > MostCodePoints;

    public readonly ReadOnlySpan<char> Characters => _characters[.._length];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(int codePoint)
    {
        if (_codePoints++ < MostCodePoints)
            _length += CodePoints.Write(codePoint, _characters[_length..]);
    }

    public void Clear() => (_length, _codePoints) = (0, 0);
}
