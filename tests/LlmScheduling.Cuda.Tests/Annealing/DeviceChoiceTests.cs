using LlmScheduling.Tests.Annealing;

namespace LlmScheduling.Cuda.Tests.Annealing;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData(200, 256, 1_000_000L, null, null)]
    [InlineData(200, 256, null, 50.0, null)]
    [InlineData(200, 0, 1_000_000L, null, "0 scenarios")]
    [InlineData(200, 31, 1_000_000L, null, "31 scenarios")]
    [InlineData(15, 256, 1_000_000L, null, "15 requests")]
    [InlineData(200, 256, 99_999L, null, "99999 evaluations")]
    [InlineData(200, 256, 1_000_000L, 9.0, "10 ms")]
    [InlineData(200, 256, null, null, "10 ms")]
    public void WhyNot_Problem_NamesWhatIsTooSmall(int jobs, int scenarios, long? evaluations, double? milliseconds, string? reason)
    {
        TimeSpan? time = milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        string? found = DeviceChoice.WhyNot(Problems.Uncertain(Problems.Of(1, jobs, 4, 1, evaluations, time), scenarios, 1));
        if (reason is null)
            Assert.Null(found);
        else
            Assert.Contains(reason, found);
    }
}
