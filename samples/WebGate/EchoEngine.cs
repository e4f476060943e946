using System.Runtime.CompilerServices;

/// <summary>Stands for an engine behind the server: answers every chat with three words.</summary>
internal static class EchoEngine
{
    public static async IAsyncEnumerable<string> StreamAsync(int promptTokens, [EnumeratorCancellation] CancellationToken caller)
    {
        foreach (string word in new[] { "you", "said", $"{promptTokens}" })
        {
            await Task.Yield();
            caller.ThrowIfCancellationRequested();
            yield return word;
        }
    }
}
