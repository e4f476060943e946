using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LlmScheduling.GpuProof;

/// <summary>ONNX Runtime without a ranker: a session on CUDA whose inputs are copied to the device once and whose run is bound; what a ranker is compared with.</summary>
internal sealed class DirectSession : IDisposable
{
    private static readonly Lazy<string?> NoCuda = new(AskForCuda);

    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly List<OrtValue> _values = [];
    private readonly float[] _scores;

    /// <param name="files">The model; one with a single-precision score.</param>
    /// <param name="prompts">What every run scores, in prompts of one padded length.</param>
    /// <param name="tokens">That length.</param>
    /// <param name="useTf32">Whether CUDA may multiply single-precision numbers with 10 bits of fraction, as it does unless told otherwise.</param>
    /// <param name="isProfiled">Whether every node's time and provider are written down.</param>
    public DirectSession(EncoderFiles files, RankingInput[] prompts, int tokens, bool useTf32 = true, bool isProfiled = false)
    {
        using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        if (isProfiled)
            (settings.EnableProfiling, settings.ProfileOutputPathPrefix) = (true, files.At("profile"));
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = "0", ["use_tf32"] = useTf32 ? "1" : "0" });
        settings.AppendExecutionProvider_CUDA(cuda);
        _session = new InferenceSession(files.Model, settings);
        _binding = _session.CreateIoBinding();
        _scores = new float[prompts.Length];
        (int[] ids, int[] mask) = Encoded(files, prompts, tokens);
        foreach ((string name, NodeMetadata input) in _session.InputMetadata)
            _binding.BindInput(name, Keep(Input(input.ElementDataType, name switch { "input_ids" => ids, "attention_mask" => mask, _ => new int[ids.Length] }, [prompts.Length, tokens])));
        _binding.BindOutput("score", Keep(OrtValue.CreateTensorValueFromMemory(_scores, [prompts.Length, 1])));
        _binding.SynchronizeBoundInputs();
    }

    /// <summary>Why no session on CUDA can be had; null where one can.</summary>
    public static string? WhyNoCuda => NoCuda.Value;

    /// <summary>One run; the scores are on the host when it returns.</summary>
    public float[] Run()
    {
        _session.RunWithBinding(_run, _binding);
        _binding.SynchronizeBoundOutputs();
        return _scores;
    }

    /// <summary>Ends the profile; answers its file.</summary>
    public string EndProfiling() => _session.EndProfiling();

    public void Dispose()
    {
        _binding.Dispose();
        foreach (OrtValue value in _values)
            value.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    private static string? AskForCuda()
    {
        try
        {
            using var settings = new SessionOptions();
            settings.AppendExecutionProvider_CUDA(0);
            return null;
        }
        catch (Exception problem) when (problem is OnnxRuntimeException or EntryPointNotFoundException)
        {
            return problem.Message;
        }
    }

    private OrtValue Keep(OrtValue value)
    {
        _values.Add(value);
        return value;
    }

    private static OrtValue Input(TensorElementType type, int[] values, long[] shape) =>
        type == TensorElementType.Int64 ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (long)value), shape) : OrtValue.CreateTensorValueFromMemory(values, shape);

    private static (int[] Ids, int[] Mask) Encoded(EncoderFiles files, RankingInput[] prompts, int tokens)
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(files.Vocabulary);
        var ids = new int[prompts.Length * tokens];
        var mask = new int[ids.Length];
        Array.Fill(ids, tokenizer.PaddingId);
        for (int i = 0; i < prompts.Length; i++)
        {
            int count = tokenizer.Encode(prompts[i].Prompt.Span, ids.AsSpan(i * tokens, tokens));
            ids.AsSpan(i * tokens + count, tokens - count).Fill(tokenizer.PaddingId);
            mask.AsSpan(i * tokens, count).Fill(1);
        }

        return (ids, mask);
    }
}
