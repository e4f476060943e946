using System.Threading.Channels;
using LlmScheduling;

/// <summary>One answer in the making: what the engine is asked for, and the text that comes of it. Plans carry it as <see cref="InferenceRequest.State"/>.</summary>
internal sealed class Generation(string prompt, IReadOnlyList<string> stop)
{
    private readonly Channel<string> _text = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly int _longestStop = stop.Count == 0 ? 0 : stop.Max(text => text.Length);
    private string _held = "";

    public string Prompt => prompt;

    /// <summary>Tokens of the prompt; set by <see cref="IModelEngine.Prepare"/>.</summary>
    public int PromptTokens { get; set; }

    /// <summary>Most tokens to generate.</summary>
    public int MaxTokens { get; set; }

    public double Temperature { get; init; } = 1;

    public double TopP { get; init; } = 1;

    public long? Seed { get; init; }

    /// <summary>The engine's own.</summary>
    public object? Sequence { get; set; }

    /// <summary>Tokens so far.</summary>
    public int Emitted { get; private set; }

    /// <summary>Why it stopped; final once the text has ended.</summary>
    public FinishReason Finish { get; private set; }

    /// <summary>The text, as it comes; ends when the request has.</summary>
    public ChannelReader<string> Text => _text.Reader;

    /// <summary>Ends the text when the request has ended, however it did.</summary>
    public async Task EndWithAsync(Task<RequestOutcome> outcome)
    {
        await outcome;
        _text.Writer.TryComplete();
    }

    /// <summary>Takes a token's text; says whether the answer ends with it. Engine's thread. Text that may be the beginning of a stop sequence is held back until it is told apart.</summary>
    public FinishReason Append(string text, bool isEnd)
    {
        Emitted++;
        if (_longestStop > 0)
            text = UpToStop(_held + text, ref isEnd);
        if (text.Length > 0)
            _text.Writer.TryWrite(text);
        Finish = isEnd ? FinishReason.Stop : Emitted >= MaxTokens ? FinishReason.Length : FinishReason.None;
        if (Finish == FinishReason.Length && _held.Length > 0)
            _text.Writer.TryWrite(_held);
        return Finish;
    }

    /// <summary>Marks it as failed. Engine's thread.</summary>
    public void Fail() => Finish = FinishReason.Failed;

    private string UpToStop(string text, ref bool isEnd)
    {
        int cut = -1;
        foreach (string end in stop)
        {
            int at = text.IndexOf(end, StringComparison.Ordinal);
            cut = at >= 0 && (cut < 0 || at < cut) ? at : cut;
        }

        int keep = cut >= 0 || isEnd ? 0 : PossibleStop(text);
        isEnd |= cut >= 0;
        _held = text[^keep..];
        return cut >= 0 ? text[..cut] : text[..^keep];
    }

    /// <summary>How many characters at the end of the text may be the beginning of a stop sequence.</summary>
    private int PossibleStop(string text)
    {
        for (int length = Math.Min(_longestStop - 1, text.Length); length > 0; length--)
        {
            string tail = text[^length..];
            if (stop.Any(end => end.StartsWith(tail, StringComparison.Ordinal)))
                return length;
        }

        return 0;
    }
}
