using System.Security.Cryptography;
using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class OnlineRankerTrainerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Learn_FewAnswers_RanksNobody()
    {
        using var trainer = new OnlineRankerTrainer();
        Learn(trainer, SampleLog.Of(63));

        Assert.Same(RankerInForce.Unranked, trainer.Ranker.Current);
        Assert.Equal(48, trainer.Learnt);
    }

    [Fact]
    public void Learn_SomeHundredAnswers_ServesByWhatItForesees()
    {
        using var trainer = new OnlineRankerTrainer(new OnlineRankerTrainerOptions { ModelName = "m" });
        Learn(trainer, SampleLog.Of(400));

        PromptFeatureRanker ranker = Assert.IsType<PromptFeatureRanker>(trainer.Ranker.Current);
        Assert.Equal((RankerKind.Learned, "m"), (ranker.Card.Kind, ranker.Card.ModelName));
        Assert.InRange(trainer.TauB, 0.5, 1);
        Assert.InRange(ranker.Card.TauB, 0.4, 1);
        Assert.True(ranker.Score("Write a story about rain and chess, number 77.") > ranker.Score("Name tax law and Mars, number 7."));
        LengthEstimate shorter = ranker.PredictLength(ranker.Score("Name cats and rain, number 3.")), longer = ranker.PredictLength(ranker.Score("Write a story about rain and chess, number 77."));
        Assert.True(shorter.Median < 20 && longer.Median > 200, $"{shorter} {longer}");
    }

    [Fact]
    public void Learn_LengthsThatNothingForetells_SeldomRanks()
    {
        int ranked = 0, looks = 0;
        for (ulong seed = 1; seed <= 10; seed++)
        {
            using var trainer = new OnlineRankerTrainer();
            var random = new MoveRandom(100 + seed);
            foreach (LoggedResponse row in SampleLog.Of(600, seed))
            {
                trainer.Learn(row with { ResponseTokens = 1 + random.NextBelow(300) });
                looks++;
                ranked += ReferenceEquals(trainer.Ranker.Current, RankerInForce.Unranked) ? 0 : 1;
            }
        }

        Assert.InRange((double)ranked / looks, 0, 0.1);
    }

    [Fact]
    public void Learn_LengthsThatTurnAround_ForgetsWhatIsWrong()
    {
        using var trainer = new OnlineRankerTrainer();
        Learn(trainer, SampleLog.Of(400));
        Learn(trainer, [.. SampleLog.Of(2_000, seed: 2).Select(row => row with { ResponseTokens = 2_000 / (1 + row.ResponseTokens) })]);

        var ranker = (PromptFeatureRanker)trainer.Ranker.Current;
        Assert.True(ranker.Score("Write a story about rain and chess, number 77.") < ranker.Score("Name tax law and Mars, number 7."));
    }

    [Fact]
    public void Learn_TruncatedAnswers_AreNotShort()
    {
        using var trainer = new OnlineRankerTrainer();
        Learn(trainer, [.. SampleLog.Of(800).Select(row => row.ResponseTokens > 60 ? row with { ResponseTokens = 60, IsTruncated = true } : row)]);

        var ranker = (PromptFeatureRanker)trainer.Ranker.Current;
        Assert.True(ranker.Card.TruncatedRows > 200);
        Assert.True(ranker.Score("Write a story about rain and chess, number 77.") > ranker.Score("Define tax law and Mars, number 7."));
    }

    [Fact]
    public void Start_FromATrainedFile_ServesByItAtOnceAndLearnsOn()
    {
        PromptFeatureRanker start = new PromptRankerTrainer().Train(SampleLog.Of(500));
        using var trainer = new OnlineRankerTrainer(new OnlineRankerTrainerOptions { Start = start });
        Assert.Same(start, trainer.Ranker.Current);
        Learn(trainer, SampleLog.Of(128, seed: 3));

        Assert.InRange(trainer.TauB, 0.6, 1);
        Assert.NotSame(start, trainer.Ranker.Current);
    }

    [Fact]
    public void Learn_EqualAnswers_MakesEqualBytes()
    {
        using OnlineRankerTrainer one = new(), other = new();
        Learn(one, SampleLog.Of(300));
        Learn(other, SampleLog.Of(300));

        Assert.Equal(Bytes(one), Bytes(other));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70)]
    [InlineData(1_333)]
    public void Restore_OfWhatWasWritten_GoesOnExactly(int learnt)
    {
        LoggedResponse[] rows = SampleLog.Of(learnt + 200);
        using var trainer = new OnlineRankerTrainer(new OnlineRankerTrainerOptions { Seed = 9, ModelName = "é" });
        Learn(trainer, rows[..learnt]);
        byte[] written = Bytes(trainer);
        using var restored = OnlineRankerTrainer.Restore(new MemoryStream(written), "state");
        Assert.Equal(written, Bytes(restored));
        Assert.Equal(Score(trainer.Ranker), Score(restored.Ranker));
        Learn(trainer, rows[learnt..]);
        Learn(restored, rows[learnt..]);

        Assert.Equal(Bytes(trainer), Bytes(restored));
        Assert.Equal(Score(trainer.Ranker), Score(restored.Ranker));
    }

    [Fact]
    public void Restore_DamagedState_SaysSo()
    {
        using var trainer = new OnlineRankerTrainer();
        Learn(trainer, SampleLog.Of(100));
        byte[] bytes = Bytes(trainer);
        byte[] flipped = [.. bytes];
        flipped[bytes.Length / 2] ^= 4;
        using var ranker = new MemoryStream();
        PromptFeatureRanker.ByPromptLength.Write(ranker);

        foreach (byte[] damaged in (byte[][])[[], bytes[..3], bytes[..20], bytes[..^1], [.. bytes, 0], flipped, ranker.ToArray()])
        {
            InputException fault = Assert.Throws<InputException>(() => OnlineRankerTrainer.Restore(new MemoryStream(damaged), "state.bin"));
            Assert.StartsWith("state.bin: found", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("learnt", -5)]
    [InlineData("learnt", long.MaxValue)]
    [InlineData("truncated", -1)]
    [InlineData("blocks", -1)]
    [InlineData("offer", 100_000)]
    [InlineData("served", int.MaxValue)]
    [InlineData("judged", -5)]
    [InlineData("judged", long.MaxValue)]
    [InlineData("length", int.MaxValue)]
    [InlineData("bucket", 99_999_999)]
    [InlineData("bucket", -1)]
    [InlineData("words", 1_000_000)]
    [InlineData("words", -1)]
    [InlineData("pending", -1)]
    [InlineData("pending", 16)]
    public void Restore_StateThatMakesNoSenseWithARightChecksum_SaysSo(string field, long value)
    {
        using var trainer = new OnlineRankerTrainer(new OnlineRankerTrainerOptions { ModelName = "m" });
        Learn(trainer, SampleLog.Of(OnlineLearner.BlockRows));
        byte[] bytes = Bytes(trainer);
        const int Counts = 8 + 2 + 2 + 2 + 8;
        var weights = new RankerWeights(18);
        int judged = Counts + 4 * 8 + 4 + 4 + 2 * sizeof(float) * (weights.Buckets.Length + weights.Dense.Length);
        int row = judged + 8 + 16 * OnlineLearner.BlockRows, body = bytes.Length - SHA256.HashSizeInBytes;
        (int at, bool isLong) = field switch
        {
            "blocks" => (Counts, true),
            "offer" => (Counts + 8, true),
            "learnt" => (Counts + 16, true),
            "truncated" => (Counts + 24, true),
            "served" => (Counts + 32, false),
            "judged" => (judged, true),
            "length" => (row, false),
            "bucket" => (row + 4, false),
            "words" => (row + 4 + 4 * BitConverter.ToInt32(bytes, row), false),
            _ => (body - 4, false),
        };
        byte[] was = bytes[at..(at + (isLong ? 8 : 4))];
        Assert.True(field != "learnt" || BitConverter.ToInt64(was) == OnlineLearner.BlockRows);
        Assert.True(field != "judged" || BitConverter.ToInt64(was) == OnlineLearner.BlockRows);
        Assert.True(field is not ("served" or "pending") || BitConverter.ToInt32(was) == 0);

        (isLong ? BitConverter.GetBytes(value) : BitConverter.GetBytes((int)value)).CopyTo(bytes, at);
        SHA256.HashData(bytes.AsSpan(0, body)).CopyTo(bytes, body);

        InputException fault = Assert.Throws<InputException>(() => OnlineRankerTrainer.Restore(new MemoryStream(bytes), "state.bin"));
        Assert.Contains("found a damaged file", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_ABlockThatCannotBeLearnt_LosesThatBlockOnly()
    {
        var learner = OnlineLearner.From(null, "m", 1);
        LoggedResponse[] rows = SampleLog.Of(2 * OnlineLearner.BlockRows);
        learner.Add(new LearntRow([99_999_999], 1, 1, new float[DenseFeatures.Count], new LengthTarget(5, false, 0)));
        for (int i = 1; i < OnlineLearner.BlockRows - 1; i++)
            learner.Add(rows[i]);
        Assert.Throws<IndexOutOfRangeException>(() => learner.Add(rows[0]));

        foreach (LoggedResponse row in rows)
            learner.Add(row);

        Assert.Equal(rows.Length, learner.Learnt);
    }

    [Fact]
    public void OnRequestEnded_InAScheduler_LearnsBesideIt()
    {
        using var trainer = new OnlineRankerTrainer();
        using var rig = new EngineRig(new() { MaxSequences = 64 }, new ShortestRankedFirst(), ranker: trainer.Ranker, observer: trainer);
        foreach (LoggedResponse row in SampleLog.Of(500))
        {
            rig.Enqueue(text: row.Prompt.ToString(), output: row.ResponseTokens);
            for (int step = 0; step < 5; step++)
                rig.Step();
        }

        while (rig.Step() != "none")
        {
        }

        // The rig's engine stops every answer at its limit, so their order is not known: they are learnt from, and judge nothing.
        Assert.True(SpinWait.SpinUntil(() => trainer.Learnt == 496, Patience));
        Assert.Equal((0, 0.0), (trainer.Dropped, trainer.TauB));
    }

    [Fact]
    public void OnRequestEnded_WhileLearningStandsStill_DropsAndNeverWaits()
    {
        using var trainer = new OnlineRankerTrainer(new OnlineRankerTrainerOptions { MaxPending = 32 });
        // Not disposed: the learning thread may come by once more.
        ManualResetEventSlim reached = new(), open = new();
        trainer.Ranker.Changed += () =>
        {
            reached.Set();
            open.Wait(Patience);
        };
        LoggedResponse[] rows = SampleLog.Of(2_000);
        int next = 0;
        // Those that it drops are taken up by others, until the learning thread has had its turn.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                trainer.OnRequestEnded(Ended(rows[next++ % rows.Length]));
                return reached.IsSet;
            },
            Patience));
        long dropped = trainer.Dropped;
        for (int i = 0; i < 100; i++)
            trainer.OnRequestEnded(Ended(rows[i]));
        Assert.InRange(trainer.Dropped - dropped, 100 - 32, 100);
        open.Set();
    }

    [Fact]
    public void OnRequestEnded_WhenLearningFails_IsCountedAndGoesOn()
    {
        using var trainer = new OnlineRankerTrainer();
        int changes = 0;
        trainer.Ranker.Changed += () =>
        {
            if (Interlocked.Increment(ref changes) == 1)
                throw new InvalidOperationException("no");
        };
        foreach (LoggedResponse row in SampleLog.Of(800))
            trainer.OnRequestEnded(Ended(row));

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref changes) > 2, Patience));
        Assert.Equal(1, trainer.Faults);
    }

    [Fact]
    public void OnRequestEnded_WhatTeachesNothing_IsLeftOut()
    {
        LoggedResponse row = SampleLog.Of(1)[0];
        EndedRequest completed = Ended(row);

        Assert.True(OnlineRankerTrainer.TryReadLesson(completed, out LoggedResponse lesson));
        Assert.Equal((row.ResponseTokens, false), (lesson.ResponseTokens, lesson.IsTruncated));
        Assert.True(OnlineRankerTrainer.TryReadLesson(completed with { Finish = FinishReason.Length }, out lesson) && lesson.IsTruncated);
        Assert.False(OnlineRankerTrainer.TryReadLesson(completed with { Outcome = RequestOutcome.Cancelled }, out _));
        Assert.False(OnlineRankerTrainer.TryReadLesson(completed with { GeneratedTokens = 0 }, out _));
        Assert.False(OnlineRankerTrainer.TryReadLesson(Ended(row with { Prompt = default }), out _));
    }

    private static EndedRequest Ended(LoggedResponse row) => new(
        new RequestId(0),
        new InferenceRequest { PromptTokens = 5, MaxOutputTokens = 10_000, Prompt = row.Prompt },
        RequestOutcome.Completed,
        FinishReason.Stop,
        SloTargets.BestEffort,
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.Zero,
        row.ResponseTokens,
        0,
        float.NaN);

    private static void Learn(OnlineRankerTrainer trainer, LoggedResponse[] rows)
    {
        foreach (LoggedResponse row in rows)
            trainer.Learn(row);
    }

    private static byte[] Bytes(OnlineRankerTrainer trainer)
    {
        using var stream = new MemoryStream();
        trainer.Write(stream);
        return stream.ToArray();
    }

    private static float Score(IRequestRanker ranker)
    {
        float[] scores = [float.NaN];
        ranker.RankAsync((RankingInput[])[new(new RequestId(0), "Write a story about bread and Mars, number 5.".AsMemory(), 9, 99, "")], scores, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return scores[0];
    }
}
