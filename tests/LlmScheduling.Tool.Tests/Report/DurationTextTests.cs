namespace LlmScheduling.Tool.Tests;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0005, "500 µs")]
    [InlineData(0.02, "20 ms")]
    [InlineData(90, "90 s")]
    [InlineData(600, "10 min")]
    [InlineData(10_800, "3 h")]
    public void Tick_Seconds_TakesTheReadableUnit(double seconds, string text) => Assert.Equal(text, DurationText.Tick(seconds));

    [Theory]
    [InlineData(null, "-")]
    [InlineData(0.01234, "0.0123")]
    [InlineData(0.1234, "0.123")]
    [InlineData(1.234, "1.23")]
    [InlineData(12.34, "12.3")]
    [InlineData(99.96, "100")]
    [InlineData(1234.4, "1234")]
    public void Seconds_Value_KeepsThreeDigits(double? seconds, string text) => Assert.Equal(text, DurationText.Seconds(seconds));
}
