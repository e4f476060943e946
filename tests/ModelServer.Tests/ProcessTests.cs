using WebClients;

namespace ModelServerTests;

public sealed class ProcessTests
{
    [Theory]
    [InlineData("--bogus", "1", "--bogus")]
    [InlineData("--speed", "fast", "a number from 0.01 to 1000")]
    [InlineData("--max-queued", "0", "a number from 1 to 1000000")]
    [InlineData("--engine", "/no/such/file", "/no/such/file")]
    public async Task Option_ThatCannotBe_IsSaidInALine(string option, string value, string says)
    {
        (int status, string errors) = await SampleProcess.RunAsync("ModelServer", option, value);

        Assert.Equal(2, status);
        Assert.Contains(says, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_ThatIsTaken_IsSaid()
    {
        await using ServerRig taken = await ServerRig.StartAsync();

        (int status, string errors) = await SampleProcess.RunAsync("ModelServer", "--url", taken.Url.GetLeftPart(UriPartial.Authority));

        Assert.Equal(1, status);
        Assert.Contains("address already in use", errors, StringComparison.Ordinal);
    }
}
