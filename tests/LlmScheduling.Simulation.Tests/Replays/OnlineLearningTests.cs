using LlmScheduling.Simulation;

namespace LlmScheduling.Simulation.Tests;

public sealed class OnlineLearningTests
{
    private const int BurstRequests = 100, Bursts = 8;

    private static readonly EngineSettings Engine = new()
    {
        MaxSequences = 8,
        MaxBatchTokens = 2_048,
        StepCost = StepCost.Of(new LinearLatencyModel(step: 0.012, prefillToken: 0.000_04, decodeSequence: 0.000_12, contextToken: 0)),
    };

    [Fact]
    public void Run_ServerThatStartsFromNothing_ServesLaterBurstsSooner()
    {
        Workload workload = VerbBursts();
        double[] first = MeanEndToEnd(Replay.Run(workload, Engine, new("fcfs", new FirstComeFirstServed())));
        double[] learning = MeanEndToEnd(Replay.Run(workload, Engine, new("short", new ShortestRankedFirst()), Online()));
        double[] oracle = MeanEndToEnd(Replay.Run(workload, Engine, new("short", new ShortestRankedFirst())));

        Assert.Equal(first[0], learning[0], 0.15 * first[0]);
        for (int burst = 4; burst < Bursts; burst++)
            Assert.True(first[burst] - learning[burst] > 0.6 * (first[burst] - oracle[burst]), $"Burst {burst}: {first[burst]}, {learning[burst]}, {oracle[burst]}");
    }

    [Fact]
    public void Run_Twice_IsTheSame()
    {
        Workload workload = VerbBursts();
        ReplayResult one = Replay.Run(workload, Engine, SchedulingStacks.Pars, Online()), other = Replay.Run(workload, Engine, SchedulingStacks.Pars, Online());

        Assert.Equal(one.Records.Select(record => record.EndedAt), other.Records.Select(record => record.EndedAt));
    }

    [Fact]
    public void Run_SeveralInstancesBehindOneQueue_LearnTogether()
    {
        using var trainer = new OnlineRankerTrainer();
        ReplayResult result = Replay.Run(VerbBursts(), Engine, SchedulingStacks.Pars, new ReplayOptions { Lengths = LengthKnowledge.Learning(() => trainer), Instances = 2 });

        Assert.All(result.Records, record => Assert.True(record.IsCompleted));
        Assert.Equal(Bursts * BurstRequests, trainer.Learnt);
        Assert.IsType<PromptFeatureRanker>(trainer.Ranker.Current);
    }

    [Fact]
    public void Run_SeveralQueues_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Replay.Run(VerbBursts(), Engine with { DataParallelRanks = 2 }, SchedulingStacks.Pars, Online()));
        Assert.Throws<ArgumentException>(() => Replay.Run(VerbBursts(), Engine, SchedulingStacks.Pars, Online() with { Instances = 2, Assignment = new RoundRobin() }));
    }

    [Fact]
    public void Run_BurstsOfAlpaca_GainMostOfWhatTheOracleDoesAfterAFewHundred()
    {
        var rows = ResponseFile.Read(SharedFolder.Require("data", "lengths", "alpaca__text-davinci-003.train.jsonl.gz"), new ResponseFields("prompt", "response_tokens", null, null));
        var random = new Random(11);
        var workload = new Workload("alpaca", Enumerable.Range(0, 10 * 200).Select(i => (i, Row: rows[random.Next(rows.Count)])).Select(draw => new TraceRequest
        {
            Id = draw.i.ToString(),
            ArrivedAt = TimeSpan.FromMinutes(draw.i / 200 * 5),
            InputTokens = 20,
            OutputTokens = Math.Max(1, draw.Row.ResponseTokens),
            Prompt = draw.Row.Prompt.ToString(),
        }));
        double[] first = Late(Replay.Run(workload, Engine, new("fcfs", new FirstComeFirstServed()))), oracle = Late(Replay.Run(workload, Engine, new("short", new ShortestRankedFirst())));
        double[] learning = Late(Replay.Run(workload, Engine, new("short", new ShortestRankedFirst()), Online()));

        Assert.True(first[0] - learning[0] > 0.5 * (first[0] - oracle[0]), $"{first[0]}, {learning[0]}, {oracle[0]}");

        // The second half: at least 1,000 have completed.
        static double[] Late(ReplayResult result) => [result.Records.Skip(1_000).Average(record => record.EndToEnd!.Value.TotalSeconds)];
    }

    private static ReplayOptions Online() => new() { Lengths = LengthKnowledge.Learning(static () => new OnlineRankerTrainer()) };

    private static double[] MeanEndToEnd(ReplayResult result) =>
        [.. result.Records.Chunk(BurstRequests).Select(burst => burst.Average(record => record.EndToEnd!.Value.TotalSeconds))];

    /// <summary>Bursts of prompts whose verb decides most of their length, far enough apart that each finds an idle engine.</summary>
    private static Workload VerbBursts()
    {
        (string Verb, int Tokens)[] verbs = [("Name", 4), ("Define", 30), ("Explain", 120), ("Write a story about", 500)];
        string[] topics = ["cats", "the sea", "tax law", "rain", "old maps", "chess", "bread", "Mars"];
        var random = new Random(7);
        return new Workload("verbs", Enumerable.Range(0, Bursts * BurstRequests).Select(i =>
        {
            (string verb, int tokens) = verbs[random.Next(verbs.Length)];
            return new TraceRequest
            {
                Id = i.ToString(),
                ArrivedAt = TimeSpan.FromHours(i / BurstRequests),
                InputTokens = 12,
                OutputTokens = tokens / 2 + random.Next(tokens) + 1,
                Prompt = $"{verb} {topics[random.Next(topics.Length)]} and {topics[random.Next(topics.Length)]}.",
            };
        }));
    }
}
