namespace LlmScheduling.Tool.Tests;

public sealed class OutputFilesTests
{
    [Fact]
    public void Dispose_WithoutCommit_LeavesNothing()
    {
        using var tool = new ToolRun();
        using (var files = new OutputFiles())
        {
            files.Prepare("--out", tool.At("a/b"));
            files.Write("--out", tool.At("a/b/x.txt"), stream => stream.WriteByte(1));
        }

        Assert.False(Directory.Exists(tool.At("a")));
    }

    [Fact]
    public void Write_ThatFails_KeepsTheOldFile()
    {
        using var tool = new ToolRun();
        tool.Write("x.txt", "old");
        using (var files = new OutputFiles())
            Assert.Throws<InvalidOperationException>(() => files.Write("--out", tool.At("x.txt"), _ => throw new InvalidOperationException()));
        Assert.Equal(["x.txt"], tool.Files());
        Assert.Equal("old", tool.Read("x.txt"));
    }

    [Fact]
    public void Commit_ReplacesWhatWasThere()
    {
        using var tool = new ToolRun();
        tool.Write("x.txt", "old");
        using (var files = new OutputFiles())
        {
            files.Prepare("--out", tool.Folder);
            files.Write("--out", tool.At("x.txt"), stream => stream.WriteByte((byte)'n'));
            files.Commit();
        }

        Assert.Equal(["x.txt"], tool.Files());
        Assert.Equal("n", tool.Read("x.txt"));
    }

    [Fact]
    public void PrepareFile_WhereAFolderIs_IsRefused()
    {
        using var tool = new ToolRun();
        using var files = new OutputFiles();
        Assert.Contains("found a folder", Assert.Throws<InputException>(() => files.PrepareFile("--report", tool.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_WhereAFolderIs_LeavesNothing()
    {
        using var tool = new ToolRun();
        Directory.CreateDirectory(tool.At("summary.json"));
        using (var files = new OutputFiles())
        {
            files.Write("--out", tool.At("x.txt"), stream => stream.WriteByte(1));
            Assert.Contains("found a folder", Assert.Throws<InputException>(() => files.Write("--out", tool.At("summary.json"), stream => stream.WriteByte(1))).Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(tool.At("x.txt")));
    }

    [Fact]
    public void Prepare_BehindAFile_IsRefused()
    {
        using var tool = new ToolRun();
        tool.Write("x.txt", "old");
        using var files = new OutputFiles();
        Assert.Contains("can be written", Assert.Throws<InputException>(() => files.Prepare("--out", tool.At("x.txt/y"))).Message, StringComparison.Ordinal);
    }
}
