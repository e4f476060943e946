namespace LlmScheduling.Simulation;

/// <summary>Keeps a few thousand evenly spread samples however many come: when it is full, every second one goes.</summary>
internal sealed class SampledQueue
{
    private const int Capacity = 4_096;

    private readonly List<QueueSample> _samples = new(Capacity);
    private long _seen;
    private long _stride = 1;

    public IReadOnlyList<QueueSample> Samples => _samples;

    public void Offer(TimeSpan at, int waiting, int running)
    {
        if (_seen++ % _stride != 0)
            return;
        _samples.Add(new QueueSample(at, waiting, running));
        if (_samples.Count < Capacity)
            return;
        int kept = 0;
        for (int i = 0; i < _samples.Count; i += 2)
            _samples[kept++] = _samples[i];
        _samples.RemoveRange(kept, _samples.Count - kept);
        _stride *= 2;
    }
}
