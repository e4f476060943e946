using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>Opens a model, on CUDA where that can be had. ONNX Runtime lists CUDA even where it cannot be used, so the only test is to try.</summary>
internal static partial class ModelSession
{
    /// <summary>A session on CUDA; null where there is none, which is logged with the reason.</summary>
    public static InferenceSession? TryOpenOnCuda(string path, OnnxRankerOptions options, ILogger logger)
    {
        if (!options.UseCuda)
        {
            OnCpu(logger, path, "CUDA is switched off in the options");
            return null;
        }

        try
        {
            using SessionOptions settings = Settings(options);
            settings.AppendExecutionProvider_CUDA(options.CudaDevice);
            var session = new InferenceSession(path, settings);
            OnCuda(logger, path, options.CudaDevice);
            return session;
        }
        catch (Exception problem) when (problem is OnnxRuntimeException or EntryPointNotFoundException)
        {
            OnCpu(logger, path, problem.Message.ReplaceLineEndings(" "));
            return null;
        }
    }

    /// <exception cref="InputException">ONNX Runtime cannot load the model.</exception>
    public static InferenceSession OpenOnCpu(string path, OnnxRankerOptions options, OnnxHeader header)
    {
        try
        {
            using SessionOptions settings = Settings(options);
            return new InferenceSession(path, settings);
        }
        catch (OnnxRuntimeException problem)
        {
            throw new InputException(path, null, null, $"operator sets {header.OperatorSets}", $"a model that ONNX Runtime {OrtEnv.Instance().GetVersionString()} loads (operator set 17 is a safe choice when exporting); it says: {problem.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static SessionOptions Settings(OnnxRankerOptions options)
    {
        var settings = new SessionOptions
        {
            IntraOpNumThreads = options.CpuThreads,
            InterOpNumThreads = 1,
            // Batches differ in shape.
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Waiting threads must not burn the cores of the engine's loop.
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return settings;
    }

    [LoggerMessage(20, LogLevel.Information, "Ranking model {Path} runs on CUDA device {Device}.")]
    private static partial void OnCuda(ILogger logger, string path, int device);

    [LoggerMessage(21, LogLevel.Warning, "Ranking model {Path} runs on the CPU: {Reason}.")]
    private static partial void OnCpu(ILogger logger, string path, string reason);
}
