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
        string reason = "CUDA is switched off.";
        if (options.UseCuda)
        {
            try
            {
                using SessionOptions settings = Settings(options);
                settings.AppendExecutionProvider_CUDA(options.CudaDevice);
                var session = new InferenceSession(path, settings);
                log($"The model runs on CUDA device {options.CudaDevice}.");
                return session;
            }
            catch (Exception fault) when (fault is OnnxRuntimeException or EntryPointNotFoundException)
            {
                reason = fault.Message.ReplaceLineEndings(" ");
            }
        }

        try
        {
            using SessionOptions settings = Settings(options);
            var session = new InferenceSession(path, settings);
            log($"The model runs on the CPU: {reason}");
            return session;
        }
        catch (OnnxRuntimeException fault)
        {
            throw new InputException(path, null, null, "a model that cannot be loaded", $"one that ONNX Runtime {OrtEnv.Instance().GetVersionString()} knows, with its .onnx_data file beside it if it has one; it says: {fault.Message}");
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
