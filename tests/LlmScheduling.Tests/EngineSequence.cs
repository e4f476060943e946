namespace LlmScheduling.Tests;

/// <summary>One request inside a test's engine: how many of its tokens have KV and how many it has generated.</summary>
internal sealed class EngineSequence(int prompt, int output, int cached)
{
    private int _computed;

    public int Emitted { get; private set; }

    public void DropKv() => _computed = 0;

    /// <summary>Runs a grant: a cached prefix is found on the first one, tokens beyond the last known one are drafts that all hold.</summary>
    public RequestProgress Run(in PlannedWork work)
    {
        int left = prompt + Emitted - _computed;
        int found = _computed == 0 ? Math.Min(cached, left - 1) : 0;
        int computed = Math.Min(found + work.Tokens, Emitted > 0 && left == 1 ? output - Emitted : left);
        int emitted = found + work.Tokens < left ? 0 : Math.Min(output - Emitted, 1 + Math.Max(0, computed - left));
        _computed += computed;
        Emitted += emitted;
        return new RequestProgress(work.Id, computed, emitted);
    }
}
