using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Reads the ranker that an option names: a file of train-ranker, or <c>prompt-length</c>.</summary>
internal static class RankerArgument
{
    private const string PromptLength = "prompt-length";

    /// <summary>The ranker that <paramref name="text"/> stands for.</summary>
    /// <exception cref="InputException">There is none, or its file is damaged.</exception>
    public static PromptFeatureRanker Parse(string option, string text, ToolHost host)
    {
        if (text == PromptLength)
            return PromptFeatureRanker.ByPromptLength;
        if (text.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            throw new InputException(option, null, null, text, "a file of train-ranker, or prompt-length; llmsched has no ONNX Runtime in it: an ONNX model runs in an application with the LlmScheduling.Cuda package");
        string path = host.Locate(text);
        return PromptFeatureRanker.Read(new MemoryStream(InputFile.ReadAllBytes(path, host.OpenInput)), path);
    }
}
