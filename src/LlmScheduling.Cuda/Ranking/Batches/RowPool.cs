using System.Collections.Concurrent;

namespace LlmScheduling;

/// <summary>Rows that wait to be used again. Any thread.</summary>
internal sealed class RowPool(int longest, bool hasFeatures)
{
    private const int Most = 4_096;

    private readonly ConcurrentQueue<PromptRow> _rows = [];
    private int _count;

    public PromptRow Take()
    {
        if (!_rows.TryDequeue(out PromptRow? row))
            return new PromptRow(longest, hasFeatures);
        Interlocked.Decrement(ref _count);
        return row;
    }

    public void Return(ReadOnlySpan<PromptRow> rows)
    {
        foreach (PromptRow row in rows)
        {
            if (Volatile.Read(ref _count) >= Most)
                return;
            Interlocked.Increment(ref _count);
            _rows.Enqueue(row);
        }
    }
}
