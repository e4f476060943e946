using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxDecoder;

/// <summary>
/// Runs the model over the next tokens of some sequences at once. Sequences with less in the cache than the longest are padded.
/// Engine's thread.
/// </summary>
/// <remarks>The cache lies in the machine's memory, in blocks; each run copies it into the tensors that the model takes, and what is new out of those that it gives. On CUDA it crosses the bus in every step: a server for large models would keep it on the device.</remarks>
internal sealed class CausalModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtAllocator _allocator;
    private readonly RunOptions _runOptions = new();
    private readonly List<string> _inputNames, _outputNames;
    private readonly ModelInterface _layout;

    public CausalModel(InferenceSession session, ModelInterface layout)
    {
        (_session, _layout) = (session, layout);
        // The session's own, which keeps memory for the next step.
        _allocator = new OrtAllocator(session, OrtMemoryInfo.DefaultInstance);
        _inputNames = ["input_ids", "attention_mask", .. layout.Past];
        if (layout.HasPositions)
            _inputNames.Add("position_ids");
        if (layout.HasLogitsToKeep)
            _inputNames.Add("num_logits_to_keep");
        _outputNames = ["logits", .. layout.Present];
    }

    public int Vocabulary => _layout.Vocabulary;

    /// <summary>Computes the next tokens of each sequence: their keys and values go to the cache, the scores that follow the last of them to <paramref name="logits"/>.</summary>
    /// <param name="rows">Different sequences, each with at least so many tokens to compute.</param>
    /// <param name="tokens">How many, of each.</param>
    /// <param name="cache">What is kept of them.</param>
    /// <param name="padding">Where the shorter ones are padded.</param>
    /// <param name="logits">Scores of the whole vocabulary for each row.</param>
    public void Run(ReadOnlySpan<Sequence> rows, int tokens, KvCache cache, PaddingSide padding, Span<float> logits)
    {
        int past = 0;
        foreach (Sequence row in rows)
        {
            cache.Grow(row, row.Computed + tokens);
            past = Math.Max(past, row.Computed);
        }

        List<OrtValue> inputs = [];
        try
        {
            AddInputs(inputs, rows, tokens, past, cache, padding);
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, _inputNames, inputs, _outputNames);
            for (int part = 0; part < _layout.Kv.Parts; part++)
                Keep(outputs[1 + part], rows, part, past, tokens, cache, padding);
            for (int row = 0; row < rows.Length; row++)
                ReadLast(outputs[0], row, logits.Slice(row * Vocabulary, Vocabulary));
        }
        finally
        {
            foreach (OrtValue input in inputs)
                input.Dispose();
        }

        foreach (Sequence row in rows)
            row.Computed += tokens;
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _allocator.Dispose();
        _session.Dispose();
    }

    private void AddInputs(List<OrtValue> inputs, ReadOnlySpan<Sequence> rows, int tokens, int past, KvCache cache, PaddingSide padding)
    {
        int all = past + tokens;
        long[] ids = new long[rows.Length * tokens], positions = new long[ids.Length], mask = new long[rows.Length * all];
        for (int row = 0; row < rows.Length; row++)
        {
            Sequence sequence = rows[row];
            for (int i = 0; i < tokens; i++)
            {
                ids[row * tokens + i] = sequence.Tokens[sequence.Computed + i];
                positions[row * tokens + i] = sequence.Computed + i;
            }

            int before = padding == PaddingSide.Left ? past - sequence.Computed : 0;
            mask.AsSpan(row * all + before, sequence.Computed + tokens).Fill(1);
        }

        inputs.Add(OrtValue.CreateTensorValueFromMemory(ids, [rows.Length, tokens]));
        inputs.Add(OrtValue.CreateTensorValueFromMemory(mask, [rows.Length, all]));
        for (int part = 0; part < _layout.Kv.Parts; part++)
            inputs.Add(PastOf(rows, part, past, cache, padding));
        if (_layout.HasPositions)
            inputs.Add(OrtValue.CreateTensorValueFromMemory(positions, [rows.Length, tokens]));
        if (_layout.HasLogitsToKeep)
            inputs.Add(OrtValue.CreateTensorValueFromMemory(new long[] { 1 }, []));
    }

    private OrtValue PastOf(ReadOnlySpan<Sequence> rows, int part, int past, KvCache cache, PaddingSide padding)
    {
        KvShape kv = _layout.Kv;
        OrtValue value = OrtValue.CreateAllocatedTensorValue(_allocator, kv.Type, [rows.Length, kv.Heads, past, kv.HeadSize]);
        if (past == 0)
            return value;
        Span<byte> all = value.GetTensorMutableRawData();
        int rowBytes = past * kv.RowBytes;
        for (int row = 0; row < rows.Length; row++)
        {
            for (int head = 0; head < kv.Heads; head++, all = all[rowBytes..])
                cache.Read(rows[row], part, head, padding, all[..rowBytes]);
        }

        return value;
    }

    private void Keep(OrtValue present, ReadOnlySpan<Sequence> rows, int part, int past, int tokens, KvCache cache, PaddingSide padding)
    {
        KvShape kv = _layout.Kv;
        ReadOnlySpan<byte> all = present.GetTensorMutableRawData();
        int rowBytes = (past + tokens) * kv.RowBytes;
        for (int row = 0; row < rows.Length; row++)
        {
            int from = (padding == PaddingSide.Left ? past : rows[row].Computed) * kv.RowBytes;
            for (int head = 0; head < kv.Heads; head++, all = all[rowBytes..])
                cache.Write(rows[row], part, head, all.Slice(from, tokens * kv.RowBytes));
        }
    }

    /// <summary>Models score every token or the last one only; the last is the last either way.</summary>
    private void ReadLast(OrtValue output, int row, Span<float> logits)
    {
        int scored = (int)output.GetTensorTypeAndShape().Shape[1], at = ((row + 1) * scored - 1) * Vocabulary;
        if (_layout.LogitsType == TensorElementType.Float)
        {
            output.GetTensorDataAsSpan<float>().Slice(at, Vocabulary).CopyTo(logits);
            return;
        }

        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<Float16, Half>(output.GetTensorDataAsSpan<Float16>().Slice(at, Vocabulary));
        for (int i = 0; i < logits.Length; i++)
            logits[i] = (float)halves[i];
    }
}
