using System.IO.Compression;
using System.Text;

namespace LlmScheduling.Simulation.Tests.Inputs;

public sealed class ResponseFileTests
{
    private static readonly ResponseFields Fields = new();

    [Fact]
    public void Read_Rows_AreTakenByName()
    {
        List<LoggedResponse> rows = Read("""
            {"id": 1, "prompt": "Hello\n\"you\" 東京 \ud83d\ude42", "response_tokens": 12, "other": {"a": [1]}}

            {"response_tokens": 3.0, "prompt": ""}
            """ + "\r\n   \r\n");
        Assert.Equal(2, rows.Count);
        Assert.Equal("Hello\n\"you\" 東京 🙂", rows[0].Prompt.ToString());
        Assert.Equal((12, false, null), (rows[0].ResponseTokens, rows[0].IsTruncated, rows[0].At));
        Assert.Equal(("", 3), (rows[1].Prompt.ToString(), rows[1].ResponseTokens));
    }

    [Fact]
    public void Read_OtherNames_MayBePaths()
    {
        LoggedResponse row = Assert.Single(Read(
            """{"request": {"text": "Hi"}, "usage": {"completion_tokens": 7}, "a.b": "length", "t": 60}""",
            new ResponseFields("request.text", "usage.completion_tokens", "a.b", "t")));
        Assert.Equal(("Hi", 7, true, DateTimeOffset.UnixEpoch.AddMinutes(1)), (row.Prompt.ToString(), row.ResponseTokens, row.IsTruncated, row.At));
    }

    [Theory]
    [InlineData("\"length\"", true)]
    [InlineData("\"max_tokens\"", true)]
    [InlineData("\"stop\"", false)]
    [InlineData("null", false)]
    public void Read_FinishReason_SaysWhetherItWasCutOff(string finish, bool isTruncated) =>
        Assert.Equal(isTruncated, Read($$"""{"prompt": "p", "response_tokens": 1, "f": {{finish}}}""", Fields with { Finish = "f" })[0].IsTruncated);

    [Theory]
    [InlineData("""{"response_tokens": 1}""", "field prompt: found nothing; allowed a string")]
    [InlineData("""{"prompt": "p"}""", "field response_tokens: found nothing; allowed a whole number from 0")]
    [InlineData("""{"prompt": null, "response_tokens": 1}""", "field prompt: found null; allowed a string")]
    [InlineData("""{"prompt": "p", "response_tokens": -4}""", "field response_tokens: found -4;")]
    [InlineData("""{"prompt": "p", "response_tokens": 2.5}""", "field response_tokens: found 2.5;")]
    [InlineData("""{"prompt": "p", "response_tokens": "9"}""", "field response_tokens: found \"9\";")]
    [InlineData("""{"prompt": "p", "response_tokens": 1e99}""", "field response_tokens: found 1e99;")]
    [InlineData("""{"prompt": ["p"], "response_tokens": 1}""", "field prompt: found an array;")]
    [InlineData("""{"prompt": "\ud800", "response_tokens": 1}""", "field prompt: found text that is not Unicode;")]
    [InlineData("""{"prompt": "p", "response_tokens": 1""", "found what is not JSON (")]
    [InlineData("prompt,response_tokens", "found what is not JSON (")]
    [InlineData("[1, 2]", "found an array; allowed a JSON object in every line")]
    [InlineData("7", "found 7; allowed a JSON object in every line")]
    public void Read_BadRow_NamesFileLineAndField(string row, string message)
    {
        InputException refused = Assert.Throws<InputException>(() => Read("""{"prompt": "p", "response_tokens": 1}""" + "\n\n" + row + "\n"));
        Assert.Contains("-:3: " + message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("\"yesterday\"")]
    [InlineData("1e300")]
    public void Read_BadTime_IsNamed(string time) =>
        Assert.Contains($"field t: found {time};", Assert.Throws<InputException>(() => Read($$"""{"prompt": "p", "response_tokens": 1, "t": {{time}}}""", Fields with { Time = "t" })).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_TimeAsText_IsUtcUnlessItSaysOtherwise() =>
        Assert.Equal(new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero), Read("""{"prompt": "p", "response_tokens": 1, "t": "2025-03-01T12:00:00"}""", Fields with { Time = "t" })[0].At);

    [Fact]
    public void Read_NotUtf8_IsRefusedWithItsLine()
    {
        byte[] bytes = [.. "{\"prompt\": \"p\", \"response_tokens\": 1}\n{\"prompt\": \""u8, 0xC3, 0x28, .. "\", \"response_tokens\": 1}"u8];
        Assert.Contains("-:2: ", Assert.Throws<InputException>(() => ResponseFile.Read("-", Fields, () => new MemoryStream(bytes))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoRows_IsRefused() => Assert.Contains("no rows", Assert.Throws<InputException>(() => Read("\n \n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_GzipWithByteOrderMark_IsUnpacked()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "d.jsonl.gz");
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            packed.Write([.. Encoding.UTF8.Preamble, .. "{\"prompt\": \"p\", \"response_tokens\": 1}"u8]);
        Assert.Single(ResponseFile.Read(path, Fields));
    }

    private static List<LoggedResponse> Read(string text, ResponseFields? fields = null) => ResponseFile.Read("-", fields ?? Fields, () => new MemoryStream(Encoding.UTF8.GetBytes(text)));
}
