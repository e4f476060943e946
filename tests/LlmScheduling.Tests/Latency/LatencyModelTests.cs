using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests;

public sealed class LatencyModelTests
{
    public static TheoryData<LatencyForm> Forms => [.. Enum.GetValues<LatencyForm>()];

    [Fact]
    public void PredictStep_Linear_IsItsFormula() =>
        Assert.Equal(TimeSpan.FromMilliseconds(10 + 0.1 * 200 + 0.5 * 8 + 0.001 * 4_000), new LinearLatencyModel(0.01, 1e-4, 5e-4, 1e-6).PredictStep(new BatchShape(8, 200, 4_000, 0)));

    [Fact]
    public void PredictStep_Hinge_IsFlatUpToTheKnee()
    {
        var model = new HingeLatencyModel { Step = 0.02, PrefillStep = 0.005, TokenBeyondFirst = 1e-4, FirstKnee = 256, TokenBeyondSecond = 2e-4, SecondKnee = 1_024 };
        Assert.Equal(TimeSpan.FromMilliseconds(25), model.PredictStep(new BatchShape(0, 256, 0, 0)));
        Assert.Equal(TimeSpan.FromMilliseconds(35), model.PredictStep(new BatchShape(0, 356, 0, 0)));
        Assert.Equal(TimeSpan.FromMilliseconds(25 + 86.8 + 20), model.PredictStep(new BatchShape(0, 1_124, 0, 0)));
    }

    [Fact]
    public void PredictStep_Experts_SaturatesWithTokens()
    {
        var model = new ExpertLatencyModel { Experts = 0.1, ExpertsPerToken = 0.5 };
        Assert.Equal(TimeSpan.FromMilliseconds(50), model.PredictStep(new BatchShape(1, 0, 0, 0)));
        Assert.Equal(TimeSpan.FromMilliseconds(75), model.PredictStep(new BatchShape(2, 0, 0, 0)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), model.PredictStep(new BatchShape(0, 1_000, 0, 0)));
    }

    [Fact]
    public void PredictStep_EndlessStep_Saturates() =>
        Assert.Equal(TimeSpan.MaxValue, new LinearLatencyModel(1e300, 0, 0, 0).PredictStep(default));

    [Theory]
    [InlineData(-1e-9)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Coefficients_OutOfRange_Throw(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>("contextToken", () => new LinearLatencyModel(0, 0, 0, value));
        Assert.Throws<ArgumentOutOfRangeException>("Token", () => new HingeLatencyModel { Token = value });
        Assert.Throws<ArgumentOutOfRangeException>("Experts", () => new ExpertLatencyModel { Experts = value });
        Assert.Throws<ArgumentOutOfRangeException>("ExpertsPerToken", () => new ExpertLatencyModel { ExpertsPerToken = value });
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void PredictStep_OfEveryForm_IsTheSumOfItsTerms(LatencyForm form)
    {
        LatencyTerms terms = form switch
        {
            LatencyForm.Linear => LinearTerms.Instance,
            LatencyForm.Hinge => new HingeTerms(100, 900, 12),
            _ => new ExpertTerms(1 / 16.0),
        };
        double[] coefficients = [.. Enumerable.Range(0, terms.Count).Select(i => 1e-6 * (i + 1))];
        IFittedLatencyModel model = terms.Model(coefficients, ObservedShapes.All);
        Assert.Equal(form, model.Form);
        Prop.ForAll(
            Gen.Choose(0, 64).Two().SelectMany(pair => Gen.Choose(0, 100_000).Select(context => new BatchShape(pair.Item1, 40 * pair.Item2, context, 7.0 * context))).ToArbitrary(),
            shape =>
            {
                double[] values = new double[terms.Count];
                terms.Write(shape, values);
                double sum = values.Zip(coefficients, (value, coefficient) => value * coefficient).Sum();
                return Math.Abs(model.PredictStep(shape).TotalSeconds - sum) <= 1e-7;
            }).QuickCheckThrowOnFailure();
    }
}
