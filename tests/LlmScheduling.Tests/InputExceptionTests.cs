namespace LlmScheduling.Tests;

public sealed class InputExceptionTests
{
    [Fact]
    public void Message_AllParts_NamesFileLineFieldFoundAndAllowed()
    {
        var fault = new InputException("a.csv", 7, "input_tokens", "-3", "1 to 10");
        Assert.Equal("a.csv:7: field input_tokens: found -3; allowed 1 to 10.", fault.Message);
        Assert.Equal(("a.csv", 7L, "input_tokens"), (fault.Origin, fault.Line!.Value, fault.Field));
    }

    [Fact]
    public void Message_NoLineNoField_LeavesThemOut() =>
        Assert.Equal("a.csv: found no such file; allowed a file that can be read.", new InputException("a.csv", null, null, "no such file", "a file that can be read").Message);

    [Fact]
    public void Message_LongFoundWithLineBreaks_StaysOneLine()
    {
        string message = new InputException("a.csv", 1, "prompt", "x\r\ny\u2028" + new string('z', 500), "text").Message;
        Assert.DoesNotContain(message, character => char.IsControl(character) || character == '\u2028');
        Assert.True(message.Length < 160);
    }
}
