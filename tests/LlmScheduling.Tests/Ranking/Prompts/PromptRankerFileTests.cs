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
    public void Write_SmallRankerWithAsManyWeightsAsItMayKeep_IsAtMost70000BytesAndReadsTheSame()
    {
        var weights = new RankerWeights(18);
        for (int i = 0; i < 34_000; i++)
            weights.Buckets[i * 7] = (i % 2 == 0 ? 1 : -1) * (0.001f + 1f / (i + 1));
        PromptRankerFile.Coarsen(weights.Buckets);
        Assert.Equal(34_000, weights.Buckets.Count(weight => weight != 0));
        byte[] bytes = Bytes(new PromptFeatureRanker(weights, LengthCalibration.Fit([1, 2, 3], [10, 20, 30]), Trained.Card, isSmall: true));
        Assert.InRange(bytes.Length, 1, 70_000);
        Assert.Equal(weights.Buckets, Read(bytes).Weights.Buckets);
    }

    [Fact]
    public void Read_AnyByteOfASmallRankerChanged_IsRefusedInOneLine()
    {
        byte[] bytes = Bytes(SmallRanker());
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 1;
            Assert.DoesNotContain('\n', Refusal(damaged));
        }
    }

    [Fact]
    public void Read_SmallRankerWithMoreOrFewerWeightsThanItSays_IsRefused()
    {
        byte[] bytes = Bytes(SmallRanker());
        int bits = bytes.Length - 32 - 2 - sizeof(float) - (1 << RankerWeights.LeastBits) / 8;
        foreach (byte present in (byte[])[0, 0xFF])
        {
            byte[] damaged = [.. bytes];
            damaged[bits] = present;
            System.Security.Cryptography.SHA256.HashData(damaged.AsSpan(0, damaged.Length - 32), damaged.AsSpan(damaged.Length - 32));
            Assert.Contains("not as many as it says", Refusal(damaged), StringComparison.Ordinal);
        }
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

    private static PromptFeatureRanker SmallRanker()
    {
        var weights = new RankerWeights(RankerWeights.LeastBits);
        (weights.Buckets[1], weights.Buckets[5]) = (127, -3);
        return new PromptFeatureRanker(weights, LengthCalibration.Fit([1, 2, 3], [10, 20, 30]), new PromptRankerCard { ModelName = "m", TauB = 0.5 }, isSmall: true);
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<InputException>(() => Read(bytes)).Message;

    private static PromptFeatureRanker Read(byte[] bytes) => PromptFeatureRanker.Read(new MemoryStream(bytes), "r.ranker");

    private static byte[] Bytes(PromptFeatureRanker ranker)
    {
        using var stream = new MemoryStream();
        ranker.Write(stream);
        return stream.ToArray();
    }
}
