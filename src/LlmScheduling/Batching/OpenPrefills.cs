namespace LlmScheduling;

/// <summary>
/// The prefills in progress, in key order. They stand in the most urgent waiting band, since bands are a matter of seats: tier
/// and score compare them with waiting requests. Not thread-safe.
/// </summary>
internal sealed class OpenPrefills(RequestTable table, RunningList running)
{
    private readonly CandidateSelection _selection = new();

    /// <summary>Those that are not held.</summary>
    public int Count(ReadOnlySpan<PriorityKey> keys)
    {
        int open = 0;
        foreach (LiveRequest request in running.Items)
        {
            if (!keys[request.Index].IsHeld && IsOpen(request))
                open++;
        }

        return open;
    }

    /// <summary>The same, most urgent first. Valid until the next call.</summary>
    public ReadOnlySpan<Candidate> InOrder(scoped ReadOnlySpan<PriorityKey> keys, scoped in KeySummary summary, int most)
    {
        int band = summary.Waiting > 0 ? summary.SmallestWaitingBand : 0;
        _selection.Reset(most);
        foreach (LiveRequest request in running.Items)
        {
            PriorityKey key = keys[request.Index];
            if (!key.IsHeld && IsOpen(request))
                _selection.Offer(key.IsSpare ? key : key with { Band = band }, request.Id.Sequence, request.Index);
        }

        return _selection.InOrder();
    }

    private bool IsOpen(LiveRequest request)
    {
        ref readonly RequestView view = ref table.ViewOf(request);
        return !request.IsDecode(view) && request.TokensToCompute(view) > 0;
    }
}
