namespace LlmScheduling;

/// <summary>The terms of <see cref="LinearLatencyModel"/>.</summary>
internal sealed class LinearTerms : LatencyTerms
{
    public static LinearTerms Instance { get; } = new();

    public override int Count => 4;

    public override bool IsPerStep(int index) => index == 0;

    public override void Write(in BatchShape shape, Span<double> terms)
    {
        terms[0] = 1;
        terms[1] = shape.PrefillTokens;
        terms[2] = shape.DecodeSequences;
        terms[3] = shape.ContextTokens;
    }

    public override IFittedLatencyModel Model(ReadOnlySpan<double> coefficients, in ObservedShapes observed) =>
        new LinearLatencyModel(coefficients[0], coefficients[1], coefficients[2], coefficients[3]) { Observed = observed };
}
