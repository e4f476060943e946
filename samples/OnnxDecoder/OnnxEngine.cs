using LlmScheduling;
using Microsoft.ML.OnnxRuntime;

namespace OnnxDecoder;

/// <summary>
/// A causal language model behind the server's <see cref="IModelEngine"/>: runs what a step plans, chunks of prompts and single
/// tokens of many requests, and draws the next token of each request whose last token was computed.
/// </summary>
internal sealed class OnnxEngine : IModelEngine
{
    private readonly BytePairTokenizer _tokenizer;
    private readonly ChatTemplate _chat;
    private readonly HashSet<int> _ends;
    private readonly CausalModel _model;
    private readonly KvCache _cache;
    private readonly PaddingSide _padding;
    private readonly Action<string> _log;
    private readonly Sampler _sampler = new();
    private readonly Dictionary<RequestId, Sequence> _live = [];
    private readonly List<PlannedRow> _rows = [];
    private Sequence[] _sequences = [];
    private float[] _logits = [];
    private int _prepared;

    private OnnxEngine(DecoderOptions options, ModelFolder folder, BytePairTokenizer tokenizer, CausalModel model, ModelInterface layout, Action<string> log)
    {
        (_tokenizer, _model, _log, Model) = (tokenizer, model, log, options.Model ?? folder.Name);
        _chat = ChatTemplate.Choose(options.Chat, tokenizer);
        _ends = [.. folder.EndTokens];
        if (_chat.End is { } end && tokenizer.IdOf(end) is { } id)
            _ends.Add(id);

        int blocks = (int)Math.Min(int.MaxValue / options.KvBlockTokens, options.KvBytes / (layout.Kv.TokenBytes * options.KvBlockTokens));
        MaxContextTokens = Math.Min(Math.Min(options.Context ?? int.MaxValue, folder.MaxContextTokens), blocks * options.KvBlockTokens);
        if (MaxContextTokens < (options.Context ?? 2))
            throw new InputException("OnnxDecoder", null, "--kv-mib", $"{blocks} blocks of {options.KvBlockTokens} tokens", $"room for a context: {layout.Kv.TokenBytes} bytes a token, and a --context of at most {folder.MaxContextTokens} tokens");
        _cache = new KvCache(layout.Kv, options.KvBlockTokens, blocks);
        Capacity = new BatchSchedulerOptions
        {
            MaxSequences = options.Seats,
            MaxBatchTokens = options.StepTokens,
            PrefillChunkTokens = options.ChunkTokens,
            KvBlockTokens = options.KvBlockTokens,
            KvTotalBlocks = blocks,
        };
        _padding = PaddingProbe.Find(model, layout.Kv);
        if (_padding == PaddingSide.Alone)
            log("The model takes one sequence at a time: each request runs by itself. Another export of it may batch better.");
        if (_padding == PaddingSide.None)
            log("The model takes no padding: only requests of the same length are run together. Another export of it may batch better.");
    }

    public string Model { get; }

    public BatchSchedulerOptions Capacity { get; }

    public int MaxContextTokens { get; }

    /// <summary>The scheduler learns it.</summary>
    public ILatencyModel? Latency => null;

    public TimeProvider Time => TimeProvider.System;

    public int FreeKvBlocks => _cache.Free;

    /// <summary>Loads a model's folder.</summary>
    /// <param name="options">Which, and how.</param>
    /// <param name="log">Takes a line or two that say where and how it runs, and one for each request for which the model has no scores. From the engine's thread, too.</param>
    /// <exception cref="InputException">A file is missing or damaged, or the model is of another kind; the message says what to change.</exception>
    public static OnnxEngine Load(DecoderOptions options, Action<string> log)
    {
        var folder = new ModelFolder(options.Folder, options.File);
        var tokenizer = new BytePairTokenizer(TokenizerFile.Read(folder.TokenizerPath));
        InferenceSession session = ModelSession.Open(folder.ModelPath, options, log);
        CausalModel? model = null;
        try
        {
            var layout = new ModelInterface(folder.ModelPath, session);
            if (tokenizer.Count > layout.Vocabulary)
                throw new InputException(folder.TokenizerPath, null, null, $"tokens up to {tokenizer.Count - 1}", $"at most the {layout.Vocabulary} that the model scores: the tokenizer.json of the same model");
            model = new CausalModel(session, layout);
            return new OnnxEngine(options, folder, tokenizer, model, layout, log);
        }
        catch (OnnxRuntimeException fault)
        {
            model?.Dispose();
            throw new InputException(folder.ModelPath, null, null, "a model that fails at its first tokens", $"one that runs; on CUDA, --cpu true may help; ONNX Runtime says: {fault.Message}");
        }
        catch
        {
            (model ?? (IDisposable)session).Dispose();
            throw;
        }
    }

    public string PromptOf(IReadOnlyList<ChatMessage> messages) => _chat.Write(messages);

    public void Prepare(Generation generation)
    {
        List<int> prompt = _tokenizer.Encode(generation.Prompt);
        generation.PromptTokens = prompt.Count;
        // Who gives no seed gets another one each time.
        long seed = generation.Seed ?? Interlocked.Increment(ref _prepared) * 0x9E3779B97F4A7C1;
        generation.Sequence = new Sequence(prompt, new Random((int)(seed ^ (seed >> 32))));
    }

    public TimeSpan Run(BatchPlan plan, StepOutput output)
    {
        long began = Time.GetTimestamp();
        _rows.Clear();
        foreach (ref readonly PlannedWork work in plan.Work)
        {
            var sequence = (Sequence)((Generation)work.Request.State!).Sequence!;
            _live[work.Id] = sequence;
            int tokens = Math.Min(work.Tokens, sequence.Tokens.Count - sequence.Computed);
            _rows.Add(new PlannedRow(work, sequence, tokens, GroupOf(sequence, tokens)));
        }

        // Rows with as many tokens as each other run together: all that decode, and prompts' chunks that are alike; the shortest first.
        _rows.Sort(static (one, other) => (one.Tokens, one.Group, one.Past).CompareTo((other.Tokens, other.Group, other.Past)));
        for (int from = 0, to; from < _rows.Count; from = to)
        {
            to = from + 1;
            while (to < _rows.Count && _rows[to].RunsWith(_rows[from]) && FitsPadded(to + 1 - from, _rows[to]))
                to++;
            RunTogether(from, to - from, output);
        }

        return Time.GetElapsedTime(began);
    }

    public void Free(RequestId id)
    {
        if (_live.Remove(id, out Sequence? sequence))
            _cache.Release(sequence);
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Rows of one group may run together. GroupQueryAttention takes no two chunks of prompts that have something in the cache: each is a group of its own.</summary>
    private int GroupOf(Sequence sequence, int tokens) => _padding switch
    {
        PaddingSide.Left => 0,
        _ when tokens > 1 || _padding == PaddingSide.Alone => -_rows.Count,
        PaddingSide.Right => 0,
        _ => sequence.Computed,
    };

    /// <summary>Whether so many rows, padded to the longest of them, are no more than the whole cache holds: one long request beside many short ones must not take the machine's memory.</summary>
    private bool FitsPadded(int rows, in PlannedRow longest) => rows * (long)(longest.Past + longest.Tokens) <= _cache.Tokens;

    private void RunTogether(int from, int count, StepOutput output)
    {
        if (_sequences.Length < count)
            (_sequences, _logits) = (new Sequence[count], new float[count * _model.Vocabulary]);
        for (int i = 0; i < count; i++)
            _sequences[i] = _rows[from + i].Sequence;
        _model.Run(_sequences.AsSpan(0, count), _rows[from].Tokens, _cache, _padding, _logits);
        for (int i = 0; i < count; i++)
            Add(_rows[from + i], _logits.AsSpan(i * _model.Vocabulary, _model.Vocabulary), output);
    }

    private void Add(in PlannedRow row, ReadOnlySpan<float> logits, StepOutput output)
    {
        Sequence sequence = row.Sequence;
        if (sequence.Computed < sequence.Tokens.Count)
        {
            output.Add(row.Work, row.Tokens);
            return;
        }

        var generation = (Generation)row.Work.Request.State!;
        if (_sampler.Pick(logits, generation.Temperature, generation.TopP, sequence.Random) is not { } token)
        {
            _log("The model's scores are no numbers; that request has failed. A Float16 model may overflow on this device.");
            output.AddFailed(row.Work);
            return;
        }

        sequence.Tokens.Add(token);
        bool isEnd = _ends.Contains(token);
        string text = sequence.Text.Add(isEnd ? [] : _tokenizer.BytesOf(token), isEnd || generation.Emitted + 1 >= generation.MaxTokens);
        output.Add(row.Work, row.Tokens, text, isEnd);
    }
}
