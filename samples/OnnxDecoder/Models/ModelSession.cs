using LlmScheduling;
using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace OnnxDecoder;

/// <summary>Opens a model, on CUDA where that can be had. ONNX Runtime lists CUDA even where it cannot be used, so the only test is to try.</summary>
internal static class ModelSession
{
    /// <param name="path">The model.</param>
    /// <param name="options">Where it may run.</param>
    /// <param name="log">Takes one line: where it runs and, when that is not CUDA, why.</param>
    /// <exception cref="InputException">ONNX Runtime cannot load it.</exception>
    public static InferenceSession Open(string path, DecoderOptions options, Action<string> log)
    {
        try
        {
            using SessionOptions settings = Settings(options);
            string? problem = options.UseCuda ? TryAddCuda(settings, options.CudaDevice) : "CUDA is switched off.";
            log(problem is null ? $"The model runs on CUDA device {options.CudaDevice}." : $"The model runs on the CPU: {problem}");
            return new InferenceSession(path, settings);
        }
        catch (OnnxRuntimeException fault)
        {
            throw new InputException(path, null, null, "a model that cannot be loaded", $"one that ONNX Runtime {OrtEnv.Instance().GetVersionString()} knows, with its .onnx_data file beside it if it has one, and --cpu where CUDA has too little memory; it says: {fault.Message}");
        }
    }

    /// <summary>Says why not; null when it is there.</summary>
    private static string? TryAddCuda(SessionOptions settings, int device)
    {
        try
        {
            settings.AppendExecutionProvider_CUDA(device);
            return null;
        }
        catch (Exception problem) when (problem is OnnxRuntimeException or EntryPointNotFoundException)
        {
            return problem.Message.ReplaceLineEndings(" ");
        }
    }

    private static SessionOptions Settings(DecoderOptions options)
    {
        var settings = new SessionOptions
        {
            IntraOpNumThreads = options.CpuThreads,
            InterOpNumThreads = 1,
            // Every step has another shape, and a pattern would be kept for each.
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Threads that wait must leave the cores to the server.
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return settings;
    }
}
