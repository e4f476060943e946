namespace LlmScheduling;

/// <summary>The terms of <see cref="HingeLatencyModel"/> at given knees.</summary>
internal sealed class HingeTerms(double firstKnee, double secondKnee, double decodeKnee) : LatencyTerms
{
    // A step leaves the memory floor where its operations per weight read reach those that the GPU can do meanwhile: 150 to 300
    // tokens on A100 and H100. Beyond some thousand tokens communication no longer hides.
    private const double UsualFirstKnee = 256, UsualSecondKnee = 2_048;

    public override int Count => 10;

    public override int? AttentionIndex => 9;

    public override double Implausibility => Square(Math.Log2(firstKnee / UsualFirstKnee)) + Square(Math.Log2(secondKnee / UsualSecondKnee));

    public override bool IsPerStep(int index) => index <= 1;

    public override void Write(in BatchShape shape, Span<double> terms)
    {
        double tokens = (double)shape.PrefillTokens + shape.DecodeSequences;
        bool prefills = shape.PrefillTokens > 0;
        terms[0] = 1;
        terms[1] = prefills ? 1 : 0;
        terms[2] = tokens;
        terms[3] = Math.Max(0, tokens - firstKnee);
        terms[4] = Math.Max(0, tokens - secondKnee);
        terms[5] = shape.DecodeSequences;
        terms[6] = Math.Max(0, shape.DecodeSequences - decodeKnee);
        terms[7] = shape.ContextTokens;
        terms[8] = prefills ? shape.ContextTokens : 0;
        terms[9] = shape.PrefillAttention;
    }

    private static double Square(double value) => value * value;

    public override IFittedLatencyModel Model(ReadOnlySpan<double> coefficients, in ObservedShapes observed) => new HingeLatencyModel
    {
        Step = coefficients[0],
        PrefillStep = coefficients[1],
        Token = coefficients[2],
        TokenBeyondFirst = coefficients[3],
        TokenBeyondSecond = coefficients[4],
        DecodeSequence = coefficients[5],
        DecodeSequenceBeyond = coefficients[6],
        ContextToken = coefficients[7],
        MixedContextToken = coefficients[8],
        PrefillAttention = coefficients[9],
        FirstKnee = firstKnee,
        SecondKnee = secondKnee,
        DecodeKnee = decodeKnee,
        Observed = observed,
    };
}
