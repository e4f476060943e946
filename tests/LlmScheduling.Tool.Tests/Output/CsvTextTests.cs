namespace LlmScheduling.Tool.Tests;

public sealed class CsvTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData(" padded", "\" padded\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    public void Of_Field_IsQuotedWhereNeeded(string field, string text) => Assert.Equal(text, CsvText.Of(field));
}
