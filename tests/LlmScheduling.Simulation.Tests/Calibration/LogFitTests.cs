using System.Globalization;
using System.Text;

namespace LlmScheduling.Simulation.Tests.Calibration;

public sealed class LogFitTests
{
    private static readonly EngineSettings Engine = new()
    {
        MaxSequences = 24, MaxBatchTokens = 2_048, Preemption = Preemption.Kv, KvReservation = KvReservation.WholePrompt, LookAheadSteps = 1, StepCost = StepCost.Fixed(TimeSpan.FromTicks(1)),
    };

    [Fact]
    public void Of_LogOfOurOwnSimulator_IsRepeatedAlmostExactly()
    {
        LogFit fit = LogFit.Of(Simulated(new LinearLatencyModel(0.012, 4e-5, 2e-4, 2e-8)), Engine);
        Assert.InRange(fit.Test.EndToEndMape, 0, 0.01);
        Assert.InRange(Math.Abs(fit.Test.TpotMeanError), 0, 0.01);
        Assert.InRange(fit.Test.CompletionTauB, 0.99, 1);
        Assert.Equal(60, fit.Test.Requests);
        Assert.True(fit.Model.Observed.Contains(new BatchShape(20, 0, 10_000, 0)));
    }

    [Fact]
    public void Of_Twice_IsTheSame()
    {
        RequestLog log = Simulated(new LinearLatencyModel(0.012, 4e-5, 2e-4, 2e-8));
        LogFit first = LogFit.Of(log, Engine), second = LogFit.Of(log, Engine);
        Assert.Equal(first.Test, second.Test);
        Assert.Equal(first.Model.PredictStep(new BatchShape(9, 300, 4_000, 0)), second.Model.PredictStep(new BatchShape(9, 300, 4_000, 0)));
    }

    [Fact]
    public void Of_LateLatenciesChanged_GivesTheSameModel()
    {
        RequestLog log = Simulated(new LinearLatencyModel(0.012, 4e-5, 2e-4, 2e-8));
        RequestLog changed = InputOf.Log(Csv(log.Requests.Select((request, i) => i < log.Count / 2 ? request : request with { EndedAt = 3 * request.EndedAt })));
        BatchShape shape = new(9, 300, 4_000, 0);
        Assert.Equal(LogFit.Of(log, Engine).Model.PredictStep(shape), LogFit.Of(changed, Engine).Model.PredictStep(shape));
    }

    [Fact]
    public void Of_EngineThatRefusesALoggedRequest_Throws() =>
        Assert.Throws<InvalidOperationException>(() => LogFit.Of(Simulated(new LinearLatencyModel(0.012, 4e-5, 2e-4, 2e-8)), Engine with { KvBlocks = 4 }));

    [Fact]
    public void Of_BadShareOrLog_Throws()
    {
        RequestLog log = Simulated(new LinearLatencyModel(0.012, 4e-5, 2e-4, 2e-8));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogFit.Of(log, Engine, 1));
        Assert.Throws<ArgumentException>(() => LogFit.Of(log.Of("none", null), Engine));
        Assert.Throws<ArgumentException>(() => LogFit.Of(log, Engine, 0.001));
    }

    [Theory]
    [InlineData("RTX4090", "Llama-3.1-8B", 256, 2587, 1)]
    [InlineData("RTXPRO6000", "Llama-3.1-8B", 128, null, 1)]
    [InlineData("RTXPRO6000", "Qwen3-30B-A3B-Instruct-2507", 128, null, 2)]
    public void Of_RealVllmLog_StaysWithinTheBars(string gpu, string model, int seats, int? kvBlocks, int ranks)
    {
        RequestLog log = RequestLog.Read(SharedFolder.Require("data", "profiles", "llmservingsim_vllm_request_logs.csv")).Of(gpu, model);
        LogAccuracy test = LogFit.Of(log, Engine with { MaxSequences = seats, KvBlocks = kvBlocks, PreemptedBlocksAsCache = kvBlocks is not null, DataParallelRanks = ranks }).Test;
        Assert.Equal(150, test.Requests);
        Assert.InRange(test.EndToEndMeanError, -0.03, 0.03);
        Assert.InRange(test.EndToEndP90Error, -0.04, 0.04);
        Assert.InRange(test.EndToEndMape, 0, 0.04);
        Assert.InRange(test.TpotMeanError, -0.03, 0.03);
        Assert.InRange(test.CompletionTauB, 0.95, 1);
    }

    /// <summary>The log that an engine under <paramref name="truth"/> would have written.</summary>
    private static RequestLog Simulated(ILatencyModel truth)
    {
        var random = new Random(3);
        double at = 0;
        var workload = new Workload("made up", Enumerable.Range(0, 120).Select(i => new TraceRequest
        {
            Id = i.ToString(CultureInfo.InvariantCulture),
            ArrivedAt = TimeSpan.FromSeconds(at += -0.15 * Math.Log(1 - random.NextDouble())),
            InputTokens = random.Next(50, 1_500),
            OutputTokens = random.Next(50, 400),
        }));
        ReplayResult result = Replay.Run(workload, Engine with { StepCost = StepCost.Of(truth) }, new SchedulingStack("fcfs", new FirstComeFirstServed()));
        return InputOf.Log(Csv(result.Records.Select(record => new LoggedRequest(
            "", record.Request.InputTokens, record.Request.OutputTokens, record.Request.ArrivedAt.TotalSeconds, record.FirstTokenAt!.Value.TotalSeconds, record.EndedAt.TotalSeconds))));
    }

    private static string Csv(IEnumerable<LoggedRequest> requests)
    {
        var csv = new StringBuilder("input_tokens,output_tokens,queued_s,scheduled_s,first_token_s,last_token_s\n");
        foreach (LoggedRequest request in requests)
            csv.Append(CultureInfo.InvariantCulture, $"{request.InputTokens},{request.OutputTokens},{request.ArrivedAt},0,{request.FirstTokenAt},{request.EndedAt}\n");
        return csv.ToString();
    }
}
