using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>New contents for up to two batches, the first before the second: what one move proposes.</summary>
internal sealed class BatchChange
{
    private int[] _first = [];
    private int[] _second = [];
    private int _firstCount, _secondCount;

    /// <summary>The batch that changes, or before which a new one comes.</summary>
    public int FirstBatch { get; private set; }

    public int SecondBatch { get; private set; }

    public bool IsFirstNew { get; private set; }

    public bool IsSecondNew { get; private set; }

    /// <summary>The jobs of the first batch after the move; none where it vanishes.</summary>
    public ReadOnlySpan<int> First => _first.AsSpan(0, _firstCount);

    public ReadOnlySpan<int> Second => _second.AsSpan(0, _secondCount);

    public void Begin(int first, int second, bool isFirstNew, bool isSecondNew, int maxBatch)
    {
        if (_first.Length < maxBatch)
            (_first, _second) = (new int[maxBatch], new int[maxBatch]);
        (FirstBatch, SecondBatch, IsFirstNew, IsSecondNew) = (first, second, isFirstNew, isSecondNew);
        _firstCount = _secondCount = 0;
    }

    public void AddFirst(int job) => _first[_firstCount++] = job;

    public void AddSecond(int job) => _second[_secondCount++] = job;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddFirst(ReadOnlySpan<int> jobs)
    {
        foreach (int job in jobs)
            _first[_firstCount++] = job;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSecond(ReadOnlySpan<int> jobs)
    {
        foreach (int job in jobs)
            _second[_secondCount++] = job;
    }

    /// <summary>Adds all of a batch but the job at one place of it.</summary>
    public void AddFirst(ReadOnlySpan<int> jobs, int without)
    {
        AddFirst(jobs[..without]);
        AddFirst(jobs[(without + 1)..]);
    }

    public void AddSecond(ReadOnlySpan<int> jobs, int without)
    {
        AddSecond(jobs[..without]);
        AddSecond(jobs[(without + 1)..]);
    }
}
