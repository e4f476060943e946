using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class WorkloadTests : IDisposable
{
    private const string Header = "arrival_us,input_tokens,output_tokens,slo_class\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FromTraces_CollidingIds_ArePrefixedByClass()
    {
        Workload workload = Workload.FromTraces([new(_folder.Write("a.csv", Header + "5,1,1,x\n9,2,1,\n"), "code"), new(_folder.Write("b.csv", Header + "5,3,1,\n0,4,1,\n"), "chat")]);
        Assert.Equal(["chat/1", "code/0", "chat/0", "code/1"], workload.Requests.Select(request => request.Id));
        Assert.Equal(["chat", "code", "chat", "code"], workload.Requests.Select(request => request.TrafficClass));
        Assert.Equal("a.csv=code + b.csv=chat", workload.Name);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("chat", "chat")]
    [InlineData("chat", null)]
    [InlineData("a/b", "c")]
    public void FromTraces_CollidingIdsThatClassesDoNotTellApart_ArePrefixedByNumber(string? first, string? second)
    {
        string path = _folder.Write("a.csv", Header + "0,1,1,\n");
        Assert.Equal(["1/0", "2/0"], Workload.FromTraces([new(path, first), new(path, second)]).Requests.Select(request => request.Id));
    }

    [Fact]
    public void FromTraces_DistinctIds_StayAsTheyAre()
    {
        string a = _folder.Write("a.csv", "id," + Header + "x,1,1,1,\n"), b = _folder.Write("b.csv", "id," + Header + "y,0,1,1,batch\n");
        Workload workload = Workload.FromTraces([new(a), new(b)]);
        Assert.Equal(["y", "x"], workload.Requests.Select(request => request.Id));
        Assert.Equal(["batch", ""], workload.Requests.Select(request => request.TrafficClass));
    }

    [Fact]
    public void FromTraces_AnySources_MergeIsStableAndLosesNothing() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(NonEmptyArray<byte> First, NonEmptyArray<byte> Second)>(), arrivals =>
        {
            byte[][] given = [[.. arrivals.First.Get.Select(value => (byte)(value % 4))], [.. arrivals.Second.Get.Select(value => (byte)(value % 4))]];
            TraceSource[] sources = [.. given.Select((values, index) => new TraceSource(_folder.Write($"{index}.csv", Header + string.Concat(values.Select(value => $"{value},1,1,\n")))))];
            IReadOnlyList<TraceRequest> merged = Workload.FromTraces(sources).Requests;
            var expected = given.SelectMany((values, source) => values.Select((value, row) => (value, source, row))).Order().Select(key => $"{key.source + 1}/{key.row}");
            return merged.Select(request => request.Id).SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void FromTraces_Dash_IsStandardInput()
    {
        byte[] csv = Encoding.UTF8.GetBytes(Header + "0,1,1,\n"), packed = TemporaryFolder.Packed(Header + "0,1,1,\n");
        Assert.Single(Workload.FromTraces([new("-")], () => new MemoryStream(csv)).Requests);
        Assert.Single(Workload.FromTraces([new("-")], () => new MemoryStream(packed)).Requests);
        Assert.Contains("gzip", Assert.Throws<InputException>(() => Workload.FromTraces([new("-")], () => new MemoryStream(packed[..^4]))).Message, StringComparison.Ordinal);
        Assert.Contains("standard input twice", Assert.Throws<InputException>(() => Workload.FromTraces([new("-"), new("-", "chat")], () => new MemoryStream(csv))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limit_AfterMerging_KeepsTheFirst()
    {
        string path = _folder.Write("a.csv", Header + "9,1,1,\n1,1,1,\n5,1,1,\n");
        Workload workload = Workload.FromTraces([new(path)]);
        Assert.Equal(["1", "2"], workload.Limit(2).Requests.Select(request => request.Id));
        Assert.Same(workload, workload.Limit(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => workload.Limit(0));
    }

    [Fact]
    public void Generate_SameTextAndSeed_IsTheSameAndAnotherSeedIsNot()
    {
        Assert.Equal(Workload.Generate("bursty:5:3:500", 7).Requests, Workload.Generate("bursty:5:3:500", 7).Requests);
        Assert.NotEqual(Workload.Generate("bursty:5:3:500", 7).Requests, Workload.Generate("bursty:5:3:500", 8).Requests);
    }

    [Fact]
    public void Generate_AnyArrivals_BringTheSameRequests() =>
        Assert.Equal(
            Workload.Generate("burst:300", 3).Requests.Select(request => (request.Id, request.InputTokens, request.OutputTokens, request.TrafficClass)),
            Workload.Generate("poisson:2:300", 3).Requests.Select(request => (request.Id, request.InputTokens, request.OutputTokens, request.TrafficClass)));

    [Fact]
    public void Generate_Burst_ArrivesAtOnce()
    {
        IReadOnlyList<TraceRequest> requests = Workload.Generate("burst:100").Requests;
        Assert.Equal(100, requests.Count);
        Assert.All(requests, request => Assert.Equal(TimeSpan.Zero, request.ArrivedAt));
    }

    [Theory]
    [InlineData("poisson:4:20000", 4, 1)]
    [InlineData("bursty:4:1:20000", 4, 1)]
    [InlineData("bursty:10:3:40000", 10, 3)]
    [InlineData("bursty:10:0.2:20000", 10, 0.2)]
    public void Generate_Gaps_HaveTheRateAndVariationAskedFor(string text, double rate, double variation)
    {
        double[] at = [.. Workload.Generate(text).Requests.Select(request => request.ArrivedAt.TotalSeconds)];
        double[] gaps = [.. at.Zip([0, .. at], (later, earlier) => later - earlier)];
        double mean = gaps.Average(), deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));
        Assert.InRange(mean * rate, 0.95, 1.05);
        Assert.InRange(deviation / mean / variation, 0.95, 1.05);
    }

    [Fact]
    public void Generate_Lengths_DifferByClassAndStayInRange()
    {
        IReadOnlyList<TraceRequest> requests = Workload.Generate("burst:9000").Requests;
        Assert.Equal(["chat", "code"], requests.Select(request => request.TrafficClass).Distinct().Order());
        Assert.InRange(requests.Count(request => request.TrafficClass == "chat"), 5800, 6200);
        Assert.InRange(Median("chat", request => request.OutputTokens), 170, 190);
        Assert.InRange(Median("code", request => request.OutputTokens), 17, 19);
        Assert.InRange(Median("code", request => request.InputTokens), 1500, 1700);
        Assert.All(requests, request => Assert.True(request.InputTokens >= 1 && request.OutputTokens is >= 1 and <= 2000));

        double Median(string trafficClass, Func<TraceRequest, int> length)
        {
            int[] sorted = [.. requests.Where(request => request.TrafficClass == trafficClass).Select(length).Order()];
            return sorted[sorted.Length / 2];
        }
    }

    [Theory]
    [InlineData("", "--workload: found nothing; allowed burst:N, poisson:RATE:N or bursty:RATE:CV:N.")]
    [InlineData("brust:5", "--workload: found brust:5; allowed burst:N, poisson:RATE:N or bursty:RATE:CV:N.")]
    [InlineData("burst", "--workload: found burst; allowed")]
    [InlineData("poisson:5", "--workload: found poisson:5; allowed")]
    [InlineData("burst:0", "--workload: field N: found 0; allowed a whole number from 1 to 10000000.")]
    [InlineData("burst:1.5", "field N: found 1.5")]
    [InlineData("burst:-3", "field N: found -3")]
    [InlineData("burst:", "field N: found nothing")]
    [InlineData("poisson:0:5", "--workload: field RATE: found 0; allowed a number from 0.01 to 1000000.")]
    [InlineData("poisson:NaN:5", "field RATE: found NaN")]
    [InlineData("poisson:1e400:5", "field RATE: found 1e400")]
    [InlineData("bursty:5:-1:5", "field CV: found -1; allowed a number from 0.01 to 20.")]
    [InlineData("bursty:5:2:99999999999", "field N: found 99999999999")]
    public void Generate_BadText_SaysWhichPart(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Workload.Generate(text)).Message, StringComparison.Ordinal);
}
