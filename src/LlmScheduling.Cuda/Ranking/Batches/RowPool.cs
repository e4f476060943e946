using System.Collections.Concurrent;

namespace LlmScheduling;

/// <summary>Rows that wait to be used again. Any thread.</summary>
internal sealed class RowPool(int longest, bool hasFeatures)
{
    private const int Most = 4_096;

    private readonly ConcurrentBag<PromptRow> _rows = [];

    public PromptRow Take() => _rows.TryTake(out PromptRow? row) ? row : new PromptRow(longest, hasFeatures);

    public void Return(ReadOnlySpan<PromptRow> rows)
    {
        foreach (PromptRow row in rows)
        {
            if (_rows.Count < Most)
                _rows.Add(row);
        }
    }
}
