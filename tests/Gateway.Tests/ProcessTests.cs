using WebClients;

namespace Gateway.Tests;

public sealed class ProcessTests
{
    private const string Upstream = "--Gateway:Upstreams:0:Url=http://127.0.0.1:1";

    [Theory]
    [InlineData("--Gateway:Policy=slo", "Gateway:Policy is slo")]
    [InlineData("--Gateway:Seats=many", "Gateway:Seats")]
    [InlineData("--Gateway:Ranker=/no/such/file", "/no/such/file")]
    public async Task Setting_ThatCannotBe_IsSaidInALine(string setting, string says)
    {
        (int status, string errors) = await SampleProcess.RunAsync("Gateway", "--urls", "http://127.0.0.1:0", Upstream, setting);

        Assert.Equal(2, status);
        Assert.Contains(says, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_ThatIsTaken_IsSaid()
    {
        await using FakeUpstream taken = await FakeUpstream.StartAsync();

        (int status, string errors) = await SampleProcess.RunAsync("Gateway", "--urls", taken.Url.GetLeftPart(UriPartial.Authority), Upstream);

        Assert.Equal(2, status);
        Assert.Contains("address already in use", errors, StringComparison.Ordinal);
    }
}
