using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class PromptRankerFileTests
{
    private static readonly PromptFeatureRanker Trained = new PromptRankerTrainer(new PromptRankerTrainerOptions { ModelName = "Ünïcode 8B" }).Train(SampleLog.Of(400));

    [Fact]
    public void Read_WhatWasWritten_ScoresTheSameAndHasTheSameCard()
    {
        PromptFeatureRanker read = Read(Bytes(Trained));
        Assert.Equal(Trained.Card, read.Card);
        Assert.Equal(Trained.PredictsLengths, read.PredictsLengths);
        foreach (LoggedResponse row in SampleLog.Of(50, seed: 9))
        {
            Assert.Equal(Trained.Score(row.Prompt.Span), read.Score(row.Prompt.Span));
            Assert.Equal(Trained.PredictLength(Trained.Score(row.Prompt.Span)), read.PredictLength(read.Score(row.Prompt.Span)));
        }
    }

    [Fact]
    public void Write_SmallRanker_IsWhatItAlreadyScoredBy()
    {
        PromptFeatureRanker small = new PromptRankerTrainer(new PromptRankerTrainerOptions { IsSmall = true }).Train(SampleLog.Of(400));
        byte[] bytes = Bytes(small);
        PromptFeatureRanker read = Read(bytes);
        Assert.True(read.IsSmall);
        Assert.InRange(bytes.Length, 1, 70_000);
        Assert.All(SampleLog.Of(50, seed: 9), row => Assert.Equal(small.Score(row.Prompt.Span), read.Score(row.Prompt.Span)));
        Assert.Equal(bytes, Bytes(read));
    }

    [Fact]
    public void Write_LargeRanker_IsAtMost1100000Bytes() => Assert.InRange(Bytes(Trained).Length, 1, 1_100_000);

    [Fact]
    public void Read_AnyByteChanged_IsRefusedInOneLine()
    {
        byte[] bytes = Bytes(SmallFile());
        for (int at = 0; at < bytes.Length; at++)
        {
            foreach (int bit in (int[])[1, 0x80, 0xFF])
            {
                byte[] damaged = [.. bytes];
                damaged[at] ^= (byte)bit;
                InputException refused = Assert.Throws<InputException>(() => Read(damaged));
                Assert.StartsWith("r.ranker: found ", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refused.Message);
            }
        }
    }

    [Fact]
    public void Read_CutOffAnywhere_SaysSo()
    {
        byte[] bytes = Bytes(SmallFile());
        for (int length = 0; length < bytes.Length; length++)
            Assert.Contains("cut off", Assert.Throws<InputException>(() => Read(bytes[..length])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnythingBehindTheEnd_IsRefused() => Assert.Contains("1 bytes too many", Refusal([.. Bytes(SmallFile()), 0]), StringComparison.Ordinal);

    [Fact]
    public void Read_AnotherKindOfFile_SaysSo()
    {
        Assert.Contains("another kind of file", Refusal("{\"weights\": [1, 2, 3]}"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("another kind of file", Refusal(new byte[100_000]), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NewerVersion_SaysWhich()
    {
        byte[] bytes = Bytes(SmallFile());
        bytes[8] = 2;
        Assert.Contains("format version 2, made by another version", Refusal(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OtherFeatures_SaysSo()
    {
        byte[] bytes = Bytes(SmallFile());
        bytes[10] = 9;
        System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
        Assert.Contains("prompt features of version 9", Refusal(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WeightsThatAreNotNumbers_IsRefused()
    {
        PromptFeatureRanker ranker = SmallFile();
        ranker.Weights.Buckets[3] = float.NaN;
        Assert.Contains("not finite", Refusal(Bytes(ranker)), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFile_NamesThePath() => Assert.Contains("missing.ranker: found no file", Assert.Throws<InputException>(() => PromptFeatureRanker.Read("missing.ranker")).Message, StringComparison.Ordinal);

    private static PromptFeatureRanker SmallFile() =>
        new(new RankerWeights(RankerWeights.LeastBits), LengthCalibration.Fit([1, 2, 3], [10, 20, 30]), new PromptRankerCard { ModelName = "m", TauB = 0.5 }, isSmall: false);

    private static string Refusal(byte[] bytes) => Assert.Throws<InputException>(() => Read(bytes)).Message;

    private static PromptFeatureRanker Read(byte[] bytes) => PromptFeatureRanker.Read(new MemoryStream(bytes), "r.ranker");

    private static byte[] Bytes(PromptFeatureRanker ranker)
    {
        using var stream = new MemoryStream();
        ranker.Write(stream);
        return stream.ToArray();
    }
}
