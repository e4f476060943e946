namespace LlmScheduling.Tests;

/// <summary>The truth about one request in an engine that does anything legal.</summary>
internal sealed class InvariantSequence(int prompt, int output)
{
    private readonly long _output = Math.Min(output, int.MaxValue - prompt + 1L);
    private long _computed, _emitted, _voidThrough;

    public bool IsEndless => prompt > 1_000 || output > 1_000;

    private long Left => prompt + _emitted - _computed;

    public void Preempt(long newestStep)
    {
        _computed = 0;
        _voidThrough = newestStep;
    }

    /// <summary>Most tokens that a grant can make sense of; what is in flight is not taken off.</summary>
    public int MostTokens(int tokensPerDecode) => (int)Math.Min(int.MaxValue, Math.Max(Left + tokensPerDecode, tokensPerDecode));

    public RequestProgress Run(in PlannedWork work, long step, Random random)
    {
        if (step <= _voidThrough)
        {
            // It was preempted while the step ran: a token may have come out all the same.
            int late = random.Next(2) == 0 && _emitted < _output ? 1 : 0;
            _emitted += late;
            return new RequestProgress(work.Id, random.Next(2) * work.Tokens, late, late == 0 && random.Next(20) == 0 ? FinishReason.Stop : FinishReason.None);
        }

        long computed = Math.Min(work.Tokens, Left);
        if (random.Next(8) == 0)
            computed = random.NextInt64(0, computed + 1);
        long emitted = 0;
        if (computed == Left && _output > 0)
        {
            long drafts = random.NextInt64(0, Math.Min(work.Tokens, _output - _emitted));
            emitted = Math.Min(_output - _emitted, 1 + (Left == 1 ? drafts : 0));
            computed += emitted - 1;
        }

        _computed += computed;
        _emitted += emitted;
        FinishReason finish = random.Next(40) switch { 0 => FinishReason.Stop, 1 => FinishReason.Failed, 2 => FinishReason.Length, _ => FinishReason.None };
        return new RequestProgress(work.Id, (int)computed, (int)emitted, finish);
    }
}
