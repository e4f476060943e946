namespace LlmScheduling;

/// <summary>A time that is linear in batch size and length: A*x*l + B*x + C*l + D milliseconds for batch size x and length l tokens.</summary>
/// <param name="A">Milliseconds per token and request of the batch.</param>
/// <param name="B">Milliseconds per request of the batch.</param>
/// <param name="C">Milliseconds per token.</param>
/// <param name="D">Milliseconds in any case.</param>
/// <remarks>The form of the latency predictor in "SLO-Aware Scheduling for Large Language Model Inferences" (arXiv 2504.14966).</remarks>
public readonly record struct LatencyCoefficients(double A, double B, double C, double D)
{
    /// <summary>Milliseconds for one length.</summary>
    /// <param name="batch">Requests in the batch.</param>
    /// <param name="length">Tokens.</param>
    public double Milliseconds(int batch, int length) => A * batch * length + B * batch + C * length + D;

    /// <summary>Milliseconds of all steps k = 1 to <paramref name="steps"/>, each of the length before it plus k: the sum in closed form.</summary>
    /// <param name="batch">Requests in the batch.</param>
    /// <param name="length">Tokens before the first step.</param>
    /// <param name="steps">How many steps.</param>
    public double SumOfSteps(int batch, int length, int steps) =>
        steps * (B * batch + D) + (A * batch + C) * ((double)steps * length + (double)steps * (steps + 1.0) / 2);
}
