namespace OnnxDecoder;

/// <summary>Stands for the whole sample where ONNX Runtime cannot be had.</summary>
internal static class OnnxRuntimeMissing
{
    public static int Main()
    {
        Console.WriteLine("Built without ONNX Runtime, which no package source here holds (eng/OnnxRuntime/README.md says more); there is nothing to run.");
        return 0;
    }
}
