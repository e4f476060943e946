namespace LlmScheduling.Tool.Tests;

public sealed class ColumnTableTests
{
    [Theory]
    [InlineData(20, 3)]
    [InlineData(30, 2)]
    [InlineData(200, 1)]
    public void Write_ColumnsThatDoNotFit_GoIntoFurtherTables(int width, int tables)
    {
        using var output = new StringWriter();
        var host = new ToolHost { Output = output, Error = TextWriter.Null, OpenInput = () => Stream.Null, WorkingDirectory = "/", Width = width };
        ColumnTable.Write(host, ["name", "first", "second", "third"], [["somebody", "1", "22", "333"], ["me", "123456789", "5", "6"]]);
        string[] lines = output.ToString().Split('\n');
        Assert.Equal(tables, lines.Count(line => line.StartsWith("somebody", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, width));
        Assert.Contains("123456789", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Brackets_AreNoMarkup()
    {
        using var output = new StringWriter();
        var host = new ToolHost { Output = output, Error = TextWriter.Null, OpenInput = () => Stream.Null, WorkingDirectory = "/" };
        ColumnTable.Write(host, ["name", "x"], [["[red]a[/]", "1"]]);
        Assert.Contains("[red]a[/]", output.ToString(), StringComparison.Ordinal);
    }
}
