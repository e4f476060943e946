namespace LlmScheduling.Simulation.Tests.Calibration;

public sealed class RequestLogTests
{
    private const string Header = "gpu,model,input_tokens,output_tokens,queued_s,scheduled_s,first_token_s,last_token_s\n";

    [Fact]
    public void Read_SeveralServers_SortsAndCountsFromEachFirstArrival()
    {
        RequestLog log = InputOf.Log(Header + "a,org/m,10,5,7,7,8,9\na,org/m,20,6,6,6,6.5,9\nb,m,30,7,1,1,2,3\n");
        Assert.Equal(["b/m", "a/org/m"], log.Engines);
        RequestLog one = log.Of("a", "org/m");
        Assert.Equal([new LoggedRequest("a/org/m", 20, 6, 0, 0.5, 3), new LoggedRequest("a/org/m", 10, 5, 1, 2, 3)], one.Requests);
        Assert.Equal(2, one.Count);
        Assert.Equal(0, log.Of("a", "m").Count);
    }

    [Fact]
    public void ToWorkload_Log_HasItsArrivalsAndLengths()
    {
        TraceRequest second = InputOf.Log(Header + "a,m,10,5,7.25,7,8,9\na,m,20,6,6,6,6.5,9\n").ToWorkload().Requests[1];
        Assert.Equal((TimeSpan.FromSeconds(1.25), 10, 5), (second.ArrivedAt, second.InputTokens, second.OutputTokens));
    }

    [Theory]
    [InlineData("a,m,0,5,7,7,8,9", "input_tokens")]
    [InlineData("a,m,10,0,7,7,8,9", "output_tokens")]
    [InlineData("a,m,10,5,-7,7,8,9", "queued_s")]
    [InlineData("a,m,10,5,7,7,6,9", "first_token_s")]
    [InlineData("a,m,10,5,7,7,7,9", "first_token_s")]
    [InlineData("a,m,10,5,7,7,8,7", "last_token_s")]
    [InlineData("a,m,10,5,7,7,8,", "last_token_s")]
    public void Read_BadCell_NamesLineAndColumn(string row, string column)
    {
        InputException fault = Assert.Throws<InputException>(() => InputOf.Log(Header + row + "\n"));
        Assert.Equal((2, column), (fault.Line, fault.Field));
    }
}
