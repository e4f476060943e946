using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class TraceFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_EveryColumnInAnyOrder_FillsEveryField()
    {
        TraceRequest request = Assert.Single(Read("prompt,deadline_us,slo_class,tenant,priority,max_output_tokens,output_tokens,input_tokens,arrival_us,id,hash\n" +
            "\"Say \"\"hi\"\",\nplease\",-5,chat,acme,-2,9,7,100,5000000000,a,x|y\n"));
        Assert.Equal("a", request.Id);
        Assert.Equal(TimeSpan.FromSeconds(5000), request.ArrivedAt);
        Assert.Equal((100, 7, 9, -2), (request.InputTokens, request.OutputTokens, request.MaxOutputTokens, request.Priority));
        Assert.Equal(("acme", "chat"), (request.Tenant, request.TrafficClass));
        Assert.Equal(TimeSpan.FromMicroseconds(-5), request.Deadline);
        Assert.Equal("Say \"hi\",\nplease", request.Prompt);
    }

    [Fact]
    public void Read_EmptyOptionalCells_TakesDefaults()
    {
        TraceRequest request = Assert.Single(Read("id,arrival_us,input_tokens,output_tokens,max_output_tokens,priority,tenant,slo_class,deadline_us,prompt\n,0,1,1,,,,,,\n"));
        Assert.Equal(new TraceRequest { Id = "0", ArrivedAt = TimeSpan.Zero, InputTokens = 1, OutputTokens = 1 }, request);
    }

    [Fact]
    public void Read_NoIds_CountsRowsFromZero() =>
        Assert.Equal(["0", "1", "2"], Read("arrival_us,input_tokens,output_tokens\r\n5,1,1\r\n\r\n3,1,1\r\n4,1,1").Select(request => request.Id));

    [Theory]
    [InlineData("arrival_s", "4.314579", 4_314_579)]
    [InlineData("arrival_seconds", "0.052", 52_000)]
    [InlineData("arrival_s", "3600.000001", 3_600_000_001)]
    [InlineData("arrival_s", "0.30000000000000004", 300_000)]
    [InlineData("arrival_s", "5e-05", 50)]
    [InlineData("arrival_s", "0.0000015", 2)]
    [InlineData("arrival_s", "-0.0", 0)]
    [InlineData("arrival_us", "9007199254740993", 9_007_199_254_740_993)]
    [InlineData("arrival_us", "12.0", 12)]
    public void Read_Arrival_IsExactToTheMicrosecond(string column, string text, long microseconds) =>
        Assert.Equal(microseconds * 10, Assert.Single(Read($"{column},input_tokens,output_tokens\n{text},1,1\n")).ArrivedAt.Ticks);

    [Fact]
    public void Read_SecondsWithUpToSixDigits_AreEveryMicrosecond() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), number =>
        {
            long microseconds = number * 3L;
            string text = (microseconds / 1e6m).ToString(CultureInfo.InvariantCulture);
            return Read($"arrival_s,input_tokens,output_tokens\n{text},1,1\n").Single().ArrivedAt.Ticks == microseconds * 10;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_WhatWasWritten_ComesBack() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(NonNegativeInt Arrival, PositiveInt Input, PositiveInt Output, int Priority, int? Deadline, NonNull<string> Text)[]>(), rows =>
        {
            var csv = new StringBuilder("id,output_tokens,prompt,priority,input_tokens,deadline_us,arrival_us\n");
            TraceRequest[] written = [.. rows.Select((row, index) => new TraceRequest
            {
                Id = "r" + index,
                ArrivedAt = TimeSpan.FromMicroseconds(row.Arrival.Get),
                InputTokens = row.Input.Get,
                OutputTokens = row.Output.Get,
                Priority = row.Priority,
                Deadline = row.Deadline is { } deadline ? TimeSpan.FromMicroseconds(deadline) : null,
                Prompt = "p" + row.Text.Get.Replace("\0", "", StringComparison.Ordinal),
            })];
            foreach (TraceRequest request in written)
                csv.Append(CultureInfo.InvariantCulture, $"{request.Id},{request.OutputTokens},\"{request.Prompt!.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{request.Priority},{request.InputTokens},{request.Deadline?.TotalMicroseconds},{request.ArrivedAt.TotalMicroseconds}\n");
            return rows.Length == 0 || Read(csv.ToString()).SequenceEqual(written);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "found an empty file")]
    [InlineData("arrival_us,input_tokens,output_tokens\n", "found a header without rows")]
    [InlineData("arrival_us,input_tokens\n1,1\n", ":1: field output_tokens: found a header without it (arrival_us,input_tokens)")]
    [InlineData("input_tokens,output_tokens\n1,1\n", ":1: field arrival_us or arrival_s or arrival_seconds: found a header without it")]
    [InlineData("arrival_us,input_tokens,output_tokens,input_tokens\n1,1,1,1\n", ":1: field input_tokens: found the column twice")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,1,1\n1,1\n", ":3: found 2 cells; allowed 3")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,1,1\n\n1,1,1,1\n", ":4: found 4 cells; allowed 3")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,-3,1\n", ":2: field input_tokens: found -3; allowed a whole number from 1 to 1000000000")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,0,1\n", ":2: field input_tokens: found 0; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,5,\n", ":2: field output_tokens: found nothing; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,5,2.5\n", ":2: field output_tokens: found 2.5; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,5,99999999999999999999\n", ":2: field output_tokens: found 99999999999999999999; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens\n0,5,1000000001\n", ":2: field output_tokens: found 1000000001; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens\n-1,5,2\n", ":2: field arrival_us: found -1; allowed a whole number from 0 to 10000000000000000")]
    [InlineData("arrival_us,input_tokens,output_tokens\n1.5,5,2\n", ":2: field arrival_us: found 1.5; allowed")]
    [InlineData("arrival_s,input_tokens,output_tokens\n-0.000001,5,2\n", ":2: field arrival_s: found -0.000001; allowed a number of seconds from 0 to 10000000000")]
    [InlineData("arrival_s,input_tokens,output_tokens\nNaN,5,2\n", ":2: field arrival_s: found NaN; allowed")]
    [InlineData("arrival_s,input_tokens,output_tokens\n1e400,5,2\n", ":2: field arrival_s: found 1e400; allowed")]
    [InlineData("arrival_s,input_tokens,output_tokens\nInfinity,5,2\n", ":2: field arrival_s: found Infinity; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens,priority\n0,5,2,high\n", ":2: field priority: found high; allowed a whole number from -2147483648 to 2147483647")]
    [InlineData("arrival_us,input_tokens,output_tokens,max_output_tokens\n0,5,2,0\n", ":2: field max_output_tokens: found 0; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens,deadline_us\n0,5,2,1e3x\n", ":2: field deadline_us: found 1e3x; allowed")]
    [InlineData("id,arrival_us,input_tokens,output_tokens\na,0,5,2\nb,0,5,2\na,0,5,2\n", ":4: field id: found a, which line 2 has too; allowed")]
    [InlineData("id,arrival_us,input_tokens,output_tokens\n1,0,5,2\n,0,5,2\n", ":3: field id: found 1, which line 2 has too; allowed")]
    [InlineData("id,arrival_us,input_tokens,output_tokens,prompt\n1,0,5,2,\"two\nlines\"\n2,0,5,x,\"\"\n", ":4: field output_tokens: found x; allowed")]
    [InlineData("arrival_us,input_tokens,output_tokens,prompt\n0,5,2,\"never closed\n1,5,2,\n", ":2: found a malformed row")]
    [InlineData("arrival_us,input_tokens,output_tokens,prompt\n0,5,2,\"closed\"early\n", ":2: found a malformed row")]
    public void Read_BadInput_SaysWhereWhatAndWhatIsAllowed(string csv, string expected)
    {
        string path = _folder.Write("bad.csv", csv);
        string message = Assert.Throws<InputException>(() => TraceFile.Read(new TraceSource(path))).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Read_ByteOrderMark_IsNotPartOfTheFirstColumn() =>
        Assert.Single(Read("\uFEFFarrival_us,input_tokens,output_tokens\n0,1,1\n"));

    [Fact]
    public void Read_FileThatIsNotThere_SaysSo()
    {
        string path = Path.Combine(_folder.Path, "absent.csv");
        Assert.Equal($"{path}: found no such file; allowed a file that can be read.", Assert.Throws<InputException>(() => TraceFile.Read(new TraceSource(path))).Message);
        Assert.Contains("found a folder", Assert.Throws<InputException>(() => TraceFile.Read(new TraceSource(_folder.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Gzip_IsUnpackedByItsName()
    {
        string path = _folder.Write("t.csv.gz", TemporaryFolder.Packed("arrival_us,input_tokens,output_tokens\n0,1,1\n"));
        Assert.Single(TraceFile.Read(new TraceSource(path)));
    }

    [Fact]
    public void Read_GzipCutOffAnywhere_IsRefused()
    {
        string csv = "arrival_us,input_tokens,output_tokens\n" + string.Concat(Enumerable.Range(0, 300).Select(row => $"{row * 7919 % 1000},{1 + row * 31 % 97},1\n"));
        byte[] whole = TemporaryFolder.Packed(csv);
        for (int length = 0; length < whole.Length; length++)
        {
            string path = _folder.Write("cut.csv.gz", whole[..length]);
            Assert.Throws<InputException>(() => TraceFile.Read(new TraceSource(path)));
        }
    }

    [Fact]
    public void Read_GzipFilesOneAfterAnother_AreOneFileAndMayNotBeCutOff()
    {
        byte[] whole = [.. TemporaryFolder.Packed("arrival_us,input_tokens,output_tokens\n"), .. TemporaryFolder.Packed("0,1,1\n"), .. TemporaryFolder.Packed("7,1,1\n")];
        Assert.Equal(2, TraceFile.Read(new TraceSource(_folder.Write("three.csv.gz", whole))).Count);
        string cut = _folder.Write("cut.csv.gz", whole[..^3]);
        Assert.Throws<InputException>(() => TraceFile.Read(new TraceSource(cut)));
    }

    [Fact]
    public void Read_TextNamedGzip_IsRefused()
    {
        string path = _folder.Write("plain.csv.gz", "arrival_us,input_tokens,output_tokens\n0,1,1\n");
        Assert.Contains("gzip", Assert.Throws<InputException>(() => TraceFile.Read(new TraceSource(path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("azure2023_code.first70.csv.gz", 7491)]
    [InlineData("azure2023_conv.first70.csv.gz", 14453)]
    [InlineData("mooncake_conversation.first70.csv.gz", 8125)]
    [InlineData("mooncake_synthetic.first70.csv.gz", 2730)]
    public void Read_ProductionTrace_HasEveryRow(string name, int rows) =>
        Assert.Equal(rows, TraceFile.Read(new TraceSource(SharedFolder.Require("data", "traces", name))).Count);

    [Fact]
    public void Read_EveryTraceOfTheCases_IsAccepted()
    {
        string[] traces = [.. Directory.EnumerateFiles(SharedFolder.Require("cases"), "*.csv", SearchOption.AllDirectories).Where(path => !path.EndsWith("expected.csv", StringComparison.Ordinal) && !path.EndsWith("index.csv", StringComparison.Ordinal))];
        Assert.True(traces.Length > 30);
        Assert.All(traces, path => Assert.Equal(File.ReadLines(path).Count() - 1, TraceFile.Read(new TraceSource(path)).Count));
    }

    private List<TraceRequest> Read(string csv) => TraceFile.Read(new TraceSource(_folder.Write("trace.csv", csv)));
}
