namespace LlmScheduling;

/// <summary>
/// How long a request would take once it has a seat, beside the requests that run now. Longer than its work, which is the
/// server's share: a seat is held while others are served too. Nothing takes time while no latency is known.
/// </summary>
internal readonly struct SeatTime
{
    private readonly double _prefillToken;
    private readonly double _chunk;
    private readonly double _step;

    public SeatTime(in SchedulingSnapshot snapshot)
    {
        WorkModel work = snapshot.Work;
        int decodes = 0;
        long context = 0;
        foreach (ref readonly RequestView request in snapshot.Requests)
        {
            if (request.Phase != RequestPhase.Running || request.GeneratedTokens <= 0)
                continue;
            decodes++;
            context += (long)request.PromptTokens + request.GeneratedTokens;
        }

        _prefillToken = work.PrefillToken;
        _chunk = Math.Max(1, snapshot.Limits.MaxBatchTokens - decodes);
        _step = work.Step + work.DecodeSequence * (decodes + 1.0) + work.ContextToken * context;
        Token = _step + work.TokenBoundShare * _prefillToken * _chunk;
    }

    /// <summary>Seconds per token of an answer: a decode step with as many prefill tokens as recent steps had, if those ran out of tokens.</summary>
    public double Token { get; }

    /// <summary>Seconds for which a prefill of <paramref name="tokens"/> keeps others from theirs, in steps that prefills fill.</summary>
    public double Channel(double tokens) => tokens * (_prefillToken + _step / _chunk);

    /// <summary>Seconds until the first token of a request that still has to compute <paramref name="tokens"/> of its context.</summary>
    public double FirstToken(double tokens) => _prefillToken * tokens + Math.Ceiling(tokens / _chunk) * _step;
}
