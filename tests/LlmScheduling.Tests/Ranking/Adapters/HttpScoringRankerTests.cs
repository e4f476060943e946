using System.Net;
using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class HttpScoringRankerTests
{
    private static readonly Uri Address = new("http://ranker.test/score_batch");

    private readonly ScriptedService _service = new();
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task RankAsync_ManyPrompts_AsksInBatchesAndKeepsTheirOrder()
    {
        float[] scores = await Scores(new HttpScoringRankerOptions { MaxBatch = 2 }, "a", "bb", "ccc", "dddd", "eeeee");

        Assert.Equal([1.5f, 2.5f, 3.5f, 4.5f, 5.5f], scores);
        Assert.Equal([2, 2, 1], _service.Batches.Select(batch => batch.Length));
    }

    [Fact]
    public async Task RankAsync_LongPromptOrHalfACharacter_SendsTheBeginningAsItCan()
    {
        await Scores(new HttpScoringRankerOptions { MaxPromptCharacters = 4 }, "abcdefgh", "\ud83d!", "\"\\\n€");

        Assert.Equal(["abcd", "\ufffd!", "\"\\\n€"], _service.Batches.Single());
    }

    [Fact]
    public async Task RankAsync_NullOrHugeScore_LeavesThatRequestUnranked()
    {
        _service.Answer = """{"scores": [1, null, 1e99, -2.5]}""";

        Assert.Equal((float[])[1, float.NaN, float.NaN, -2.5f], await Scores(null, "a", "b", "c", "d"));
    }

    [Theory]
    [InlineData("""{"scores": [1]}""", "1 scores for 2 prompts")]
    [InlineData("""{"scores": [1, 2, 3]}""", "3 scores for 2 prompts")]
    [InlineData("""{"scores": [1, "2"]}""", "a score that is no number")]
    [InlineData("""{"scores": [1, NaN]}""", "no JSON")]
    [InlineData("""{"scores": {"a": 1}}""", "without an array named scores")]
    [InlineData("""[1, 2]""", "without an array named scores")]
    [InlineData("", "no JSON")]
    [InlineData("<html>", "no JSON")]
    public async Task RankAsync_AnswerThatMakesNoSense_IsOneClearError(string answer, string said)
    {
        _service.Answer = answer;

        HttpRequestException fault = await Assert.ThrowsAsync<HttpRequestException>(() => Scores(null, "a", "b"));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.Contains(Address.ToString(), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RankAsync_AnswerThatNeverEnds_IsRefused()
    {
        _service.Answer = "[" + new string(' ', 2 << 20);

        HttpRequestException fault = await Assert.ThrowsAsync<HttpRequestException>(() => Scores(null, "a"));
        Assert.Contains("more than", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RankAsync_ErrorStatus_NamesIt()
    {
        _service.Status = HttpStatusCode.InternalServerError;

        HttpRequestException fault = await Assert.ThrowsAsync<HttpRequestException>(() => Scores(null, "a"));
        Assert.Contains("status 500", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RankAsync_ServiceThatNeverAnswers_IsATimeout()
    {
        _service.NeverAnswers = true;
        Task<float[]> asked = Scores(new HttpScoringRankerOptions { Timeout = TimeSpan.FromSeconds(3), TimeProvider = _clock }, "a");
        Assert.False(asked.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(3));

        HttpRequestException fault = await Assert.ThrowsAsync<HttpRequestException>(() => asked);
        Assert.Contains("no answer within 3 s", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RankAsync_TimeoutOfTheClient_IsNotCalledTheRankers()
    {
        // As the client throws it.
        _service.Fault = new TaskCanceledException("", new TimeoutException());
        Assert.Contains("within the 100 s of the HTTP client's own timeout", (await Assert.ThrowsAsync<HttpRequestException>(() => Scores(null, "a"))).Message, StringComparison.Ordinal);

        _service.Fault = new TaskCanceledException();
        Assert.Contains("the HTTP client cancelled", (await Assert.ThrowsAsync<HttpRequestException>(() => Scores(null, "a"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_Relative_NeedsAClientWithABaseAddress()
    {
        var relative = new Uri("/score_batch", UriKind.Relative);
        using HttpClient without = new(_service, disposeHandler: false), with = new(_service, disposeHandler: false) { BaseAddress = Address };
        Assert.Equal("address", Assert.Throws<ArgumentException>(() => new HttpScoringRanker(without, relative)).ParamName);

        var scores = new float[1];
        await new HttpScoringRanker(with, relative).RankAsync(Inputs("a"), scores, TestContext.Current.CancellationToken);
        Assert.Equal(1.5f, scores[0]);
    }

    [Fact]
    public async Task RankAsync_CallerWhoGivesUp_IsCancelledAndNotATimeout()
    {
        _service.NeverAnswers = true;
        using var stop = new CancellationTokenSource();
        using var client = new HttpClient(_service, disposeHandler: false);
        Task asked = new HttpScoringRanker(client, Address).RankAsync(Inputs("a"), new float[1], stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.InternalServerError)]
    [InlineData("""{"scores": []}""", HttpStatusCode.OK)]
    [InlineData("garbage", HttpStatusCode.OK)]
    [InlineData("""{"scores": [null]}""", HttpStatusCode.OK)]
    public void Scheduler_WithAServiceThatFails_LosesNoRequest(string? answer, HttpStatusCode status)
    {
        (_service.Answer, _service.Status) = (answer, status);
        using var client = new HttpClient(_service, disposeHandler: false);
        using EngineRig rig = new(new() { MaxSequences = 1 }, new ShortestRankedFirst(), ranker: new HttpScoringRanker(client, Address));
        RequestTicket[] tickets = [.. Enumerable.Range(0, 5).Select(i => rig.Enqueue(text: new string('x', 5 - i)))];

        Assert.Equal(["0:1", "1:1", "2:1", "3:1", "4:1"], rig.Steps(5));
        Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Ended()));
    }

    [Fact]
    public void Options_OutOfRange_NameTheOption()
    {
        using var client = new HttpClient(_service, disposeHandler: false);
        Assert.Equal("MaxBatch", Refused(new() { MaxBatch = 0 }).ParamName);
        Assert.Equal("Timeout", Refused(new() { Timeout = TimeSpan.Zero }).ParamName);
        Assert.Equal("MaxPromptCharacters", Refused(new() { MaxPromptCharacters = 0 }).ParamName);

        ArgumentOutOfRangeException Refused(HttpScoringRankerOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new HttpScoringRanker(client, Address, options));
    }

    private static RankingInput[] Inputs(params string[] prompts) =>
        [.. prompts.Select((prompt, place) => new RankingInput(new RequestId(place), prompt.AsMemory(), 1, 100, ""))];

    private async Task<float[]> Scores(HttpScoringRankerOptions? options, params string[] prompts)
    {
        using var client = new HttpClient(_service, disposeHandler: false);
        var scores = new float[prompts.Length];
        await new HttpScoringRanker(client, Address, options).RankAsync(Inputs(prompts), scores, TestContext.Current.CancellationToken);
        return scores;
    }
}
