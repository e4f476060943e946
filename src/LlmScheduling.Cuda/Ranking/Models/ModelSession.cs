using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>Opens a model. ONNX Runtime lists CUDA even where it cannot be used, so the only test is to try.</summary>
internal static class ModelSession
{
    /// <exception cref="OnnxRuntimeException">CUDA cannot be had.</exception>
    /// <exception cref="EntryPointNotFoundException">ONNX Runtime was built without CUDA.</exception>
    public static InferenceSession OpenOnCuda(string path, OnnxRankerOptions options)
    {
        using SessionOptions settings = Settings(options);
        settings.AppendExecutionProvider_CUDA(options.CudaDevice);
        return new InferenceSession(path, settings);
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
}
