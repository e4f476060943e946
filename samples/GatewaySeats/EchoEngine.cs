using System.Runtime.CompilerServices;
using LlmScheduling;

/// <summary>Stands for an engine behind a gateway: answers every request with three words.</summary>
internal sealed class EchoEngine(string name)
{
    public async IAsyncEnumerable<string> StreamAsync(InferenceRequest request, [EnumeratorCancellation] CancellationToken caller)
    {
        foreach (string word in new[] { name, "says", $"{request.PromptTokens}" })
        {
            await Task.Yield();
            caller.ThrowIfCancellationRequested();
            yield return word;
        }
    }
}
