namespace LlmScheduling.Simulation.Tests.Engines;

public sealed class EngineFileTests : IDisposable
{
    private const string Least = "\"max_sequences\": 4, \"max_batch_tokens\": 512, \"step_us\": 1000";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_RequiredKeysAlone_TakesDefaults()
    {
        EngineSettings engine = Read($"{{{Least}}}");
        Assert.Equal(new EngineSettings { MaxSequences = 4, MaxBatchTokens = 512, StepCost = engine.StepCost }, engine);
        Assert.Equal(TimeSpan.FromMilliseconds(1), engine.StepCost.Model.PredictStep(new BatchShape(7, 0, 0, 0)));
    }

    [Fact]
    public void Read_EveryKey_FillsEveryProperty()
    {
        EngineSettings engine = Read("""
            {
              "max_sequences": 8, "max_batch_tokens": 2048, "prefill_chunk_tokens": 256, "chunked_prefill": true, "kv_block_tokens": 32, "kv_blocks": 100,
              "kv_reservation": "whole_prompt", "preemption": "priority", "preemption_gap": 3, "max_queued_requests": 5, "queue_full": "displace",
              "deadline_action": "expire", "look_ahead_requests": 2, "look_ahead_steps": 1, "preempted_blocks_as_cache": true, "data_parallel_ranks": 4,
              "max_output_tokens": 64, "step_us": 900, "per_sequence_us": 50
            }
            """);
        Assert.Equal(
            new EngineSettings
            {
                MaxSequences = 8,
                MaxBatchTokens = 2048,
                PrefillChunkTokens = 256,
                ChunkedPrefill = true,
                KvBlockTokens = 32,
                KvBlocks = 100,
                KvReservation = KvReservation.WholePrompt,
                Preemption = Preemption.Priority,
                PreemptionGap = 3,
                MaxQueuedRequests = 5,
                QueueFull = QueueFullAction.Displace,
                ExpireAtDeadline = true,
                LookAheadRequests = 2,
                LookAheadSteps = 1,
                PreemptedBlocksAsCache = true,
                DataParallelRanks = 4,
                MaxOutputTokens = 64,
                StepCost = engine.StepCost,
            },
            engine);
        Assert.Equal(TimeSpan.FromMicroseconds(1000), engine.StepCost.Model.PredictStep(new BatchShape(2, 0, 0, 0)));
    }

    [Fact]
    public void Read_NullWhereNullIsAllowed_IsTheDefault() =>
        Assert.Null(Read($"{{{Least}, \"kv_blocks\": null, \"prefill_chunk_tokens\": null, \"max_queued_requests\": null, \"max_output_tokens\": null, \"kv_reservation\": null, \"latency_model\": null}}").KvBlocks);

    [Theory]
    [InlineData("on_demand", KvReservation.OnDemand)]
    [InlineData("whole_prompt", KvReservation.WholePrompt)]
    [InlineData("whole_context", KvReservation.WholeContext)]
    public void Read_Reservation_IsTheNamedOne(string name, KvReservation reservation) =>
        Assert.Equal(reservation, Read($"{{{Least}, \"kv_reservation\": \"{name}\"}}").KvReservation);

    [Theory]
    [InlineData("none", Preemption.None)]
    [InlineData("kv", Preemption.Kv)]
    [InlineData("priority", Preemption.Priority)]
    public void Read_Preemption_IsTheNamedOne(string name, Preemption preemption) =>
        Assert.Equal(preemption, Read($"{{{Least}, \"preemption\": \"{name}\"}}").Preemption);

    [Theory]
    [InlineData("64.0")]
    [InlineData("6.4e1")]
    public void Read_WholeNumberWrittenAsAFraction_IsThatNumber(string number) =>
        Assert.Equal(64, Read($"{{\"max_sequences\": {number}, \"max_batch_tokens\": 512, \"step_us\": 1}}").MaxSequences);

    [Fact]
    public void Read_StepThatCostsOnlyItsSequences_IsThatCost()
    {
        EngineSettings engine = Read("{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"step_us\": 0, \"per_sequence_us\": 5}");
        Workload three = new("three", Enumerable.Range(0, 3).Select(i => new TraceRequest { Id = $"{i}", ArrivedAt = TimeSpan.Zero, InputTokens = 1, OutputTokens = 1 }));
        ReplayResult result = Replay.Run(three, engine, new SchedulingStack("fcfs", new FirstComeFirstServed()));
        Assert.All(result.Records, record => Assert.Equal(TimeSpan.FromMicroseconds(15), record.EndToEnd));
    }

    [Theory]
    [InlineData("", ":1: found what is not JSON")]
    [InlineData("[]", ":1: found an array; allowed an object.")]
    [InlineData("{} {}", ":1: found what is not JSON")]
    [InlineData("{\n\"max_sequences\": 4,\n}", ":3: found what is not JSON")]
    [InlineData("{\n\"max_sequences\": NaN}", ":2: found what is not JSON")]
    [InlineData("{\n// seats\n\"max_sequences\": 4}", ":2: found what is not JSON")]
    [InlineData("{\"max_sequences\": 4", ":1: found what is not JSON")]
    [InlineData("{\n\"max_sequences\": 4,\n\"max_sequences\": 5}", ":3: field max_sequences: found the key twice")]
    [InlineData("{\n\"max_batch_tokens\": 512, \"step_us\": 1}", ":1: field max_sequences: found nothing; allowed a whole number from 1 to 2147483647.")]
    [InlineData("{\n\"max_sequences\": 0, \"max_batch_tokens\": 1, \"step_us\": 1}", ":2: field max_sequences: found 0; allowed a whole number from 1 to 2147483647.")]
    [InlineData("{\n\n\"max_sequences\": -4}", ":3: field max_sequences: found -4;")]
    [InlineData("{\"max_sequences\": 1.5}", "field max_sequences: found 1.5;")]
    [InlineData("{\"max_sequences\": 1e400}", "field max_sequences: found 1e400;")]
    [InlineData("{\"max_sequences\": 2147483648}", "field max_sequences: found 2147483648;")]
    [InlineData("{\"max_sequences\": \"4\"}", "field max_sequences: found \"4\";")]
    [InlineData("{\"max_sequences\": null}", "field max_sequences: found null;")]
    [InlineData("{\"max_sequences\": {\"a\": 1}}", "field max_sequences: found an object;")]
    [InlineData("{\n\"max_sequenecs\": 4}", ":2: field max_sequenecs: found a key that nothing reads; allowed max_sequences.")]
    [InlineData("{\"kv\": 4}", "field kv: found a key that nothing reads; allowed kv_blocks or kv_reservation or kv_block_tokens.")]
    [InlineData("{LEAST, \"prefill_chunk_tokens\": 0}", "field prefill_chunk_tokens: found 0; allowed a whole number from 1")]
    [InlineData("{LEAST, \"prefill_chunk_tokens\": 8, \"chunked_prefill\": false}", "field prefill_chunk_tokens: found 8; allowed null where chunked_prefill is false.")]
    [InlineData("{LEAST, \"chunked_prefill\": 1}", "field chunked_prefill: found 1; allowed true or false.")]
    [InlineData("{LEAST, \"chunked_prefill\": null}", "field chunked_prefill: found null; allowed a value, or no such key for the default.")]
    [InlineData("{LEAST, \"kv_block_tokens\": 0}", "field kv_block_tokens: found 0;")]
    [InlineData("{LEAST, \"kv_blocks\": 0}", "field kv_blocks: found 0;")]
    [InlineData("{LEAST, \"preemption\": \"some\"}", "field preemption: found \"some\"; allowed \"none\", \"kv\", \"priority\".")]
    [InlineData("{LEAST, \"preemption_gap\": -1}", "field preemption_gap: found -1;")]
    [InlineData("{LEAST, \"queue_full\": \"drop\"}", "field queue_full: found \"drop\"; allowed \"reject\", \"displace\".")]
    [InlineData("{LEAST, \"deadline_action\": true}", "field deadline_action: found true; allowed \"none\", \"expire\".")]
    [InlineData("{LEAST, \"kv_reservation\": \"OnDemand\"}", "field kv_reservation: found \"OnDemand\"; allowed \"on_demand\", \"whole_prompt\", \"whole_context\".")]
    [InlineData("{LEAST, \"max_queued_requests\": -1}", "field max_queued_requests: found -1;")]
    [InlineData("{LEAST, \"look_ahead_steps\": 2}", "field look_ahead_steps: found 2; allowed a whole number from 0 to 1.")]
    [InlineData("{LEAST, \"data_parallel_ranks\": 0}", "field data_parallel_ranks: found 0;")]
    [InlineData("{LEAST, \"max_output_tokens\": 0}", "field max_output_tokens: found 0;")]
    [InlineData("{\"max_sequences\": 4, \"max_batch_tokens\": 512}", "field step_us: found nothing; allowed a whole number from 1 to 2000000000, or a latency_model.")]
    [InlineData("{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"per_sequence_us\": 5}", "field step_us: found nothing;")]
    [InlineData("{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"step_us\": 0}", "field step_us: found 0;")]
    [InlineData("{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"step_us\": 0, \"per_sequence_us\": 0}", "field step_us: found 0;")]
    [InlineData("{LEAST, \"per_sequence_us\": -1}", "field per_sequence_us: found -1;")]
    [InlineData("{LEAST, \"latency_model\": \"m.json\"}", "field step_us: found 1000; allowed step_us with per_sequence_us, or latency_model, not both.")]
    [InlineData("{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"latency_model\": 5}", "field latency_model: found 5; allowed a string that is not empty.")]
    public void Read_BadInput_SaysWhereWhatAndWhatIsAllowed(string json, string expected)
    {
        string path = _folder.Write("bad.json", json.Replace("LEAST", Least, StringComparison.Ordinal));
        string message = Assert.Throws<InputException>(() => EngineFile.Read(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Read_TextThatIsNotUtf8_IsRefused()
    {
        string path = _folder.Write("bad.json", [.. "{\"preemption\": \""u8, 0xFF, 0xFE, .. "\"}"u8]);
        Assert.Contains("not UTF-8", Assert.Throws<InputException>(() => EngineFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LatencyModel_IsFoundBesideTheEngineFile()
    {
        using (FileStream model = File.Create(Path.Combine(_folder.Path, "model.json")))
            new LatencyModelFile(new LinearLatencyModel(0.010, 0, 0.001, 0)).Write(model);
        EngineSettings engine = EngineFile.Read(_folder.Write("engines/e.json", "{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"latency_model\": \"../model.json\"}"));
        Assert.Equal(TimeSpan.FromMilliseconds(13), engine.StepCost.Model.PredictStep(new BatchShape(3, 0, 0, 0)));
    }

    [Fact]
    public void Read_LatencyModelThatIsNotThere_NamesItsPath()
    {
        string path = _folder.Write("e.json", "{\"max_sequences\": 4, \"max_batch_tokens\": 512, \"latency_model\": \"none.json\"}");
        Assert.Equal($"{Path.Combine(_folder.Path, "none.json")}: found no such file; allowed a file that can be read.", Assert.Throws<InputException>(() => EngineFile.Read(path)).Message);
    }

    [Fact]
    public void Read_StepCostGiven_IsUsedAndTheFileMayNotHaveItsOwn()
    {
        var cost = StepCost.Fixed(TimeSpan.FromSeconds(1));
        Assert.Same(cost, EngineFile.Read(_folder.Write("e.json", "{\"max_sequences\": 4, \"max_batch_tokens\": 512}"), cost).StepCost);
        string path = _folder.Write("f.json", $"{{{Least}}}");
        Assert.Contains("field step_us: found 1000; allowed no step time here", Assert.Throws<InputException>(() => EngineFile.Read(path, cost)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EveryEngineOfTheCases_IsAccepted()
    {
        string[] engines = Directory.GetFiles(SharedFolder.Require("cases"), "engine.json", SearchOption.AllDirectories);
        Assert.True(engines.Length > 50);
        Assert.All(engines, path => Assert.True(EngineFile.Read(path).MaxSequences > 0));
    }

    private EngineSettings Read(string json) => EngineFile.Read(_folder.Write("engine.json", json));
}
