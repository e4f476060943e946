namespace LlmScheduling.SoakTests;

/// <summary>One request inside the soak's engine; only the engine's thread touches it.</summary>
internal sealed class SoakSequence(int prompt, int output)
{
    private int _emitted;
    private long _voidThrough;

    public int Computed { get; private set; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsDone => output == 0 ? Computed == prompt : _emitted == output;

    public void Preempt(long newestStep)
    {
        Computed = 0;
        _voidThrough = newestStep;
    }

    /// <summary>Runs a grant as planned, or, now and then, less of it, to an early end, or into a failure.</summary>
    public RequestProgress Run(in PlannedWork work, long step, Random random)
    {
        if (step <= _voidThrough)
            return new RequestProgress(work.Id, work.Tokens, 0);
        int left = prompt + _emitted - Computed, computed = Math.Min(work.Tokens, left);
        if (computed < left && random.Next(20) == 0)
            computed /= 2;
        int emitted = computed == left && output > 0 ? 1 : 0;
        Computed += computed;
        _emitted += emitted;
        FinishReason finish = random.Next(200) switch { 0 => FinishReason.Failed, < 10 => FinishReason.Stop, _ => FinishReason.None };
        return new RequestProgress(work.Id, computed, emitted, finish);
    }
}
