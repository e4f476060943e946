namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class PortableMathTests
{
    [Fact]
    public void Log_EveryMagnitude_IsTheLogarithm()
    {
        for (double value = double.Epsilon; double.IsFinite(value); value *= 1.0371)
        {
            double exact = Math.Log(value);
            Assert.True(Math.Abs(PortableMath.Log(value) - exact) <= 4e-16 * Math.Max(Math.Abs(exact), 1e-3), $"{value:r}");
            if (value < 1e-320)
                value *= 2;
        }
    }

    [Fact]
    public void Exp_EveryMagnitude_IsTheExponential()
    {
        for (double value = -708; value < 709; value += 0.0937)
        {
            double exact = Math.Exp(value);
            Assert.True(Math.Abs(PortableMath.Exp(value) / exact - 1) <= 6e-16, $"{value:r}");
        }
    }

    [Fact]
    public void Exp_BeyondTheRange_IsZeroOrInfinite()
    {
        Assert.Equal(0, PortableMath.Exp(-1000));
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(1000));
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(0, PortableMath.Log(1));
    }
}
