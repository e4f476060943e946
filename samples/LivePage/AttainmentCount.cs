namespace LlmScheduling.Samples;

/// <summary>Counts who kept an objective: all, and the last hundred.</summary>
internal sealed class AttainmentCount
{
    private const int Window = 100;

    private readonly Queue<bool> _recent = new(Window + 1);
    private int _recentMet;

    public long Met { get; private set; }

    public long Ended { get; private set; }

    public double Recent => _recent.Count == 0 ? 0 : (double)_recentMet / _recent.Count;

    public void Add(bool met)
    {
        Ended++;
        Met += met ? 1 : 0;
        _recent.Enqueue(met);
        _recentMet += met ? 1 : 0;
        if (_recent.Count > Window && _recent.Dequeue())
            _recentMet--;
    }
}
