using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>A session with memory for its largest batch, bound once and used for every run.</summary>
internal sealed class BoundModel : IBatchScorer
{
    private readonly InferenceSession _session;
    private readonly ModelInterface _model;
    private readonly int _padding;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly OrtMemoryInfo? _pinned;
    private readonly OrtAllocator? _pinnedAllocator;
    private readonly TensorBuffer?[] _inputs;
    private readonly TensorBuffer _output;
    private readonly int[] _ones;

    /// <param name="session">Owned from here on, a failure of this constructor included.</param>
    /// <param name="model">Its inputs and output.</param>
    /// <param name="onCuda">Whether it runs on CUDA.</param>
    /// <param name="maxBatch">Most rows of a run.</param>
    /// <param name="longest">Longest padded row.</param>
    /// <param name="padding">The number of the padding piece.</param>
    /// <exception cref="OnnxRuntimeException">There is no page-locked memory, or no memory.</exception>
    public BoundModel(InferenceSession session, ModelInterface model, bool onCuda, int maxBatch, int longest, int padding)
    {
        (_session, _model, _padding, _inputs) = (session, model, padding, new TensorBuffer?[model.Inputs.Count]);
        try
        {
            _binding = session.CreateIoBinding();
            if (onCuda)
            {
                _pinned = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.CpuOutput);
                _pinnedAllocator = new OrtAllocator(session, _pinned);
            }

            OrtAllocator allocator = _pinnedAllocator ?? OrtAllocator.DefaultInstance;
            OrtMemoryInfo place = _pinned ?? OrtMemoryInfo.DefaultInstance;
            for (int i = 0; i < _inputs.Length; i++)
                _inputs[i] = new TensorBuffer(allocator, place, model.Inputs[i].Type, maxBatch * (model.Inputs[i].Name == "dense" ? DenseFeatures.Count : longest));
            _output = new TensorBuffer(allocator, place, model.OutputType, maxBatch);
        }
        catch
        {
            Dispose();
            throw;
        }

        _ones = new int[longest];
        Array.Fill(_ones, 1);
    }

    public void Score(ReadOnlySpan<PromptRow> rows, int length, Span<float> scores)
    {
        for (int i = 0; i < _inputs.Length; i++)
        {
            TensorBuffer input = _inputs[i]!;
            int width = _model.Inputs[i].Name == "dense" ? DenseFeatures.Count : length;
            for (int row = 0; row < rows.Length; row++)
                Fill(_model.Inputs[i].Name, input, row * width, width, rows[row]);
            using OrtValue tensor = input.Tensor([rows.Length, width]);
            _binding.BindInput(_model.Inputs[i].Name, tensor);
        }

        using (OrtValue tensor = _output.Tensor(_model.OutputRank == 1 ? [rows.Length] : [rows.Length, 1]))
            _binding.BindOutput(_model.OutputName, tensor);
        _binding.SynchronizeBoundInputs();
        _session.RunWithBinding(_run, _binding);
        _binding.SynchronizeBoundOutputs();
        _output.Read(scores[..rows.Length]);
    }

    public void Stop() => _run.Terminate = true;

    public void Dispose()
    {
        // What is null was not made, since the constructor failed.
        foreach (IDisposable? part in (IDisposable?[])[_binding, .. _inputs, _output, _pinnedAllocator, _pinned, _run, _session])
        {
            try
            {
                part?.Dispose();
            }
            catch (OnnxRuntimeException)
            {
                // A lost device may refuse to free page-locked memory: the session is freed all the same.
            }
        }
    }

    private void Fill(string name, TensorBuffer buffer, int at, int width, PromptRow row)
    {
        switch (name)
        {
            case "attention_mask":
                buffer.Write(at, _ones.AsSpan(0, row.Length), 0, width);
                break;
            case "token_type_ids":
                buffer.Write(at, [], 0, width);
                break;
            case "val":
                buffer.Write(at, row.Values.AsSpan(0, row.Length), width);
                break;
            case "dense":
                buffer.Write(at, row.Dense, width);
                break;
            default:
                buffer.Write(at, row.Ids.AsSpan(0, row.Length), _padding, width);
                break;
        }
    }
}
