namespace LlmScheduling;

/// <summary>
/// How long a request would take once it has a seat, beside the requests that run now. Longer than its work, which is the
/// server's share: a seat is held while others are served too. Nothing takes time while no latency is known.
/// </summary>
internal readonly struct SeatTime
{
    private readonly WorkModel _work;
    private readonly double _chunk;
    private readonly double _step;

    /// <param name="snapshot">What runs, and what it costs.</param>
    /// <param name="cutsPrefill">Whether prefills are cut so that a step stays within the tightest TPOT of those that run.</param>
    public SeatTime(in SchedulingSnapshot snapshot, bool cutsPrefill = false)
    {
        _work = snapshot.Work;
        int decodes = 0;
        long context = 0;
        TimeSpan tightest = TimeSpan.MaxValue;
        foreach (ref readonly RequestView request in snapshot.Requests)
        {
            if (request.Phase != RequestPhase.Running || request.GeneratedTokens <= 0)
                continue;
            decodes++;
            context += (long)request.PromptTokens + request.GeneratedTokens;
            if (request.TokenInterval < tightest)
                tightest = request.TokenInterval;
        }

        _chunk = Math.Max(1, snapshot.Limits.MaxBatchTokens - decodes);
        _step = _work.Step + _work.DecodeSequence * (decodes + 1.0) + _work.ContextToken * context;
        if (cutsPrefill && tightest != TimeSpan.MaxValue && _work.PrefillToken > 0)
            _chunk = Math.Clamp((tightest.TotalSeconds - _step) / _work.PrefillToken, Math.Min(LeastChunk, _chunk), _chunk);
        Token = _step + _work.TokenBoundShare * _work.PrefillToken * _chunk;
    }

    /// <summary>The least that a prefill goes on by, however tight the TPOT of others.</summary>
    public const int LeastChunk = 64;

    /// <summary>Seconds per token of an answer: a decode step with as many prefill tokens as recent steps had, if those ran out of tokens.</summary>
    public double Token { get; }

    /// <summary>Seconds for which a prefill of <paramref name="tokens"/> keeps others from theirs, in steps that prefills fill.</summary>
    public double Channel(double tokens) => tokens * (_work.PrefillToken + _step / _chunk);

    /// <summary>Seconds until the first token of a request that still has to compute <paramref name="tokens"/> of its context.</summary>
    public double FirstToken(double tokens) => _work.PrefillToken * tokens + Math.Ceiling(tokens / _chunk) * _step;

    /// <summary>Seconds per token with nobody else in the step: no pace below it can be kept.</summary>
    public double TokenAlone(double context) => _work.Step + _work.DecodeSequence + _work.ContextToken * context;
}
