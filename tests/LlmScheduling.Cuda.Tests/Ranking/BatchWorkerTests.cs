using LlmScheduling.Tests;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Gathering, cancellation and the end, with a scorer that waits when a test says so.</summary>
public sealed class BatchWorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StubScorer _scorer = new();
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task RankAsync_OfMoreThanABatch_RunsFullBatches()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions { MaxBatchSize = 4 });
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)('a' + i)), await ModelFolder.ScoresAsync(ranker, [.. Enumerable.Range(0, 10).Select(i => ((char)('a' + i)).ToString())]));
        Assert.Equal([(4, 16), (4, 16), (2, 16)], _scorer.Runs);
    }

    [Fact]
    public async Task RankAsync_OfDifferentLengths_RunsEachWithItsLike()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        Assert.Equal((float[])['c', 'a', 'b', 'd'], await ModelFolder.ScoresAsync(ranker, new string('c', 40), "a", new string('b', 16), new string('d', 33)));
        Assert.Equal([(2, 16), (2, 48)], _scorer.Runs);
    }

    [Fact]
    public async Task RankAsync_OfAScoreThatIsNoNumber_LeavesItUnranked()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions(), ScoreDirection.HigherIsShorter);
        Assert.Equal((float[])[-(float)'a', float.NaN], await ModelFolder.ScoresAsync(ranker, "a", "n"));
    }

    [Fact]
    public async Task RankAsync_OfAPromptThatCannotBeRead_LeavesItAloneUnranked()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        string unreadable = new('x', 129);
        Assert.Equal((float[])['a', float.NaN, 'b'], await ModelFolder.ScoresAsync(ranker, "a", unreadable, "b").WaitAsync(Patience));
        Assert.Equal((float[])[float.NaN, float.NaN], await ModelFolder.ScoresAsync(ranker, unreadable, unreadable).WaitAsync(Patience));
        Assert.Equal([(2, 16)], _scorer.Runs);
    }

    [Fact]
    public async Task RankAsync_IntoMemoryThatFails_ThrowsAndWorksAgain()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        using var memory = new FailingMemory(length: 2);
        ValueTask call = ranker.RankAsync(ModelFolder.Inputs("a", "b"), memory.Memory, CancellationToken.None);
        Assert.Equal("memory", (await Assert.ThrowsAsync<InvalidOperationException>(() => call.AsTask().WaitAsync(Patience))).Message);
        Assert.Equal((float[])['c'], await ModelFolder.ScoresAsync(ranker, "c").WaitAsync(Patience));
    }

    [Fact]
    public async Task RankAsync_OfAClockThatFails_ThrowsAndWorksAgain()
    {
        var pool = new RowPool(128, hasFeatures: false);
        var options = new OnnxRankerOptions { MaxBatchDelay = TimeSpan.FromMilliseconds(5), MaxBatchSize = 2 };
        var worker = new BatchWorker(_scorer, LengthBuckets.UpTo(128), pool, options, ScoreDirection.HigherIsLonger, new FailingClock());
        using var ranker = new OnnxRequestRanker(new LetterReader(), pool, worker, runsOnCuda: false);
        Assert.Equal("clock", (await Assert.ThrowsAsync<InvalidOperationException>(() => ModelFolder.ScoresAsync(ranker, "a").WaitAsync(Patience))).Message);
        Assert.Equal((float[])['b', 'c'], await ModelFolder.ScoresAsync(ranker, "b", "c").WaitAsync(Patience));
    }

    [Fact]
    public async Task RankAsync_OfNothing_RunsNothing()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        Assert.Empty(await ModelFolder.ScoresAsync(ranker));
        Assert.Empty(_scorer.Runs);
    }

    [Fact]
    public async Task RankAsync_WithADelay_WaitsForOthersUntilItIsOver()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions { MaxBatchDelay = TimeSpan.FromMilliseconds(5) });
        Task<float[]> one = ModelFolder.ScoresAsync(ranker, "a", "b");
        Assert.True(SpinWait.SpinUntil(() => _clock.PendingTimers == 1, Patience));
        Task<float[]> other = ModelFolder.ScoresAsync(ranker, "c");
        _clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal((float[])['a', 'b'], await one.WaitAsync(Patience));
        Assert.Equal((float[])['c'], await other.WaitAsync(Patience));
        Assert.Equal(3, _scorer.Runs.Sum(run => run.Rows));
    }

    [Fact]
    public async Task RankAsync_WithADelayAndAFullBatch_DoesNotWait()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions { MaxBatchDelay = TimeSpan.FromMilliseconds(5), MaxBatchSize = 3 });
        Task<float[]> one = ModelFolder.ScoresAsync(ranker, "a");
        Assert.True(SpinWait.SpinUntil(() => _clock.PendingTimers == 1, Patience));
        await ModelFolder.ScoresAsync(ranker, "b", "c").WaitAsync(Patience);
        await one.WaitAsync(Patience);
        Assert.Equal([(3, 16)], _scorer.Runs);
    }

    [Fact]
    public async Task RankAsync_WhileABatchRuns_GathersTheNext()
    {
        using var started = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        HoldRuns(started, release);
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        Task<float[]> first = ModelFolder.ScoresAsync(ranker, "a");
        Assert.True(await started.WaitAsync(Patience));
        Task<float[]>[] others = [.. "bcd".Select(letter => ModelFolder.ScoresAsync(ranker, letter.ToString()))];
        release.Set();
        await Task.WhenAll([first, .. others]).WaitAsync(Patience);
        Assert.Equal([(1, 16), (3, 16)], _scorer.Runs);
    }

    [Fact]
    public async Task RankAsync_CancelledWhileItRuns_EndsAtOnceAndWritesNothing()
    {
        using var started = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        HoldRuns(started, release);
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        using var cancellation = new CancellationTokenSource();
        float[] scores = [-7];
        Task call = ranker.RankAsync(ModelFolder.Inputs("a"), scores, cancellation.Token).AsTask();
        Assert.True(await started.WaitAsync(Patience));
        await cancellation.CancelAsync();
        OperationCanceledException end = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        Assert.Equal(cancellation.Token, end.CancellationToken);
        release.Set();
        Assert.Equal((float[])['b'], await ModelFolder.ScoresAsync(ranker, "b"));
        Assert.Equal([-7], scores);
    }

    [Fact]
    public async Task RankAsync_CancelledWhileItWaits_IsNeverRun()
    {
        using var started = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        HoldRuns(started, release);
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        using var cancellation = new CancellationTokenSource();
        Task<float[]> first = ModelFolder.ScoresAsync(ranker, "a");
        Assert.True(await started.WaitAsync(Patience));
        Task waiting = ranker.RankAsync(ModelFolder.Inputs("b"), new float[1], cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        release.Set();
        await first.WaitAsync(Patience);
        await ModelFolder.ScoresAsync(ranker, "c");
        Assert.True(waiting.IsCanceled);
        Assert.Equal(2, _scorer.Runs.Sum(run => run.Rows));
    }

    [Fact]
    public async Task RankAsync_OfAModelThatFails_ThrowsAndWorksAgain()
    {
        using OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        _scorer.BeforeRun = () => throw new InvalidOperationException("model");
        Assert.Equal("model", (await Assert.ThrowsAsync<InvalidOperationException>(() => ModelFolder.ScoresAsync(ranker, "a", new string('b', 40)))).Message);
        _scorer.BeforeRun = null;
        Assert.Equal((float[])['c'], await ModelFolder.ScoresAsync(ranker, "c"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_WhileABatchRuns_StopsItAndFailsWhatWaits(bool isAsync)
    {
        using var started = new SemaphoreSlim(0);
        _scorer.BeforeRun = () =>
        {
            started.Release();
            Assert.True(_scorer.Stopped.WaitOne(Patience));
            throw new InvalidOperationException("terminated");
        };
        OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        Task<float[]> running = ModelFolder.ScoresAsync(ranker, "a");
        Assert.True(await started.WaitAsync(Patience));
        Task<float[]> waiting = ModelFolder.ScoresAsync(ranker, "b");
        if (isAsync)
            await ranker.DisposeAsync();
        else
            ranker.Dispose();
        Assert.True(_scorer.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ModelFolder.ScoresAsync(ranker, "c"));
        ranker.Dispose();
    }

    [Fact]
    public async Task Dispose_OfAModelThatCannotBeFreed_Ends()
    {
        _scorer.AtDisposal = () => throw new InvalidOperationException("device lost");
        OnnxRequestRanker ranker = Ranker(new OnnxRankerOptions());
        await ModelFolder.ScoresAsync(ranker, "a");
        await ranker.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.True(_scorer.IsDisposed);
    }

    /// <summary>Every run says that it has started, and then waits.</summary>
    private void HoldRuns(SemaphoreSlim started, ManualResetEventSlim release) => _scorer.BeforeRun = () =>
    {
        started.Release();
        release.Wait(Patience);
    };

    private OnnxRequestRanker Ranker(OnnxRankerOptions options, ScoreDirection direction = ScoreDirection.HigherIsLonger)
    {
        var pool = new RowPool(128, hasFeatures: false);
        return new OnnxRequestRanker(new LetterReader(), pool, new BatchWorker(_scorer, LengthBuckets.UpTo(128), pool, options, direction, _clock), runsOnCuda: false);
    }
}
