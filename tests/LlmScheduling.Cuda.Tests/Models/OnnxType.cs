namespace LlmScheduling.Cuda.Tests;

/// <summary>Element types by their numbers in ONNX.</summary>
public enum OnnxType
{
    Float = 1,
    Int32 = 6,
    Int64 = 7,
    Half = 10,
    Double = 11,
}
