namespace LlmScheduling;

/// <summary>The terms of <see cref="ExpertLatencyModel"/> at a given share of experts per token.</summary>
internal sealed class ExpertTerms(double expertsPerToken) : LatencyTerms
{
    public override int Count => 8;

    public override int? AttentionIndex => 7;

    public override bool IsPerStep(int index) => index <= 2;

    public override void Write(in BatchShape shape, Span<double> terms)
    {
        bool prefills = shape.PrefillTokens > 0;
        terms[0] = 1;
        terms[1] = prefills ? 1 : 0;
        terms[2] = 1 - Math.Pow(1 - expertsPerToken, (double)shape.PrefillTokens + shape.DecodeSequences);
        terms[3] = shape.PrefillTokens;
        terms[4] = shape.DecodeSequences;
        terms[5] = shape.ContextTokens;
        terms[6] = prefills ? shape.ContextTokens : 0;
        terms[7] = shape.PrefillAttention;
    }

    public override IFittedLatencyModel Model(ReadOnlySpan<double> coefficients, in ObservedShapes observed) => new ExpertLatencyModel
    {
        Step = coefficients[0],
        PrefillStep = coefficients[1],
        Experts = coefficients[2],
        PrefillToken = coefficients[3],
        DecodeSequence = coefficients[4],
        ContextToken = coefficients[5],
        MixedContextToken = coefficients[6],
        PrefillAttention = coefficients[7],
        ExpertsPerToken = expertsPerToken,
        Observed = observed,
    };
}
