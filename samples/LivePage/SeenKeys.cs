namespace LlmScheduling.Samples;

/// <summary>What a policy was shown last, and the keys that it gave: by these the next seats are given.</summary>
internal sealed class SeenKeys
{
    private RequestView[] _requests = [];
    private PriorityKey[] _keys = [];
    private int _count;
    private TimeSpan _now;

    public void Keep(in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys)
    {
        _count = keys.Length;
        _now = snapshot.Now;
        if (_keys.Length < _count)
            (_requests, _keys) = (new RequestView[2 * _count], new PriorityKey[2 * _count]);
        snapshot.Requests.CopyTo(_requests);
        keys.CopyTo(_keys);
    }

    /// <summary>Why this request got a seat: its place in the order, whom it passed, what was due.</summary>
    public string ReasonFor(RequestId id)
    {
        int at = Array.FindIndex(_requests, 0, _count, request => request.Id == id);
        if (at < 0)
            return "it came and got a free seat at once";
        RequestView request = _requests[at];
        int waiting = 0, before = 0, passed = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_requests[i].Phase == RequestPhase.Running)
                continue;
            waiting++;
            int order = i == at ? 0 : _keys[i].CompareTo(_keys[at]);
            bool isEarlier = _requests[i].Id.Sequence < id.Sequence;
            before += order < 0 || (order == 0 && isEarlier && i != at) ? 1 : 0;
            passed += order > 0 && isEarlier ? 1 : 0;
        }

        List<string> parts = [FormattableString.Invariant($"place {before + 1} of {waiting}"), KeyText(_keys[at])];
        if (passed > 0)
            parts.Add(FormattableString.Invariant($"passed {passed} that came earlier"));
        if (request.NextTokenDue != TimeSpan.MaxValue)
            parts.Add(DueText(request));
        return string.Join(", ", parts);
    }

    private string DueText(in RequestView request)
    {
        double left = (request.NextTokenDue - _now).TotalSeconds;
        string what = request.NextTokenDue == request.Deadline ? "answer" : request.GeneratedTokens == 0 ? "first token" : "next token";
        return left >= 0 ? FormattableString.Invariant($"{what} due in {left:0.0} s") : FormattableString.Invariant($"{what} was due {-left:0.0} s ago");
    }

    private static string KeyText(in PriorityKey key) =>
        key.IsSpare ? FormattableString.Invariant($"only with capacity to spare, score {key.Score:g3}")
        : key is { Tier: 0, Band: 0 } ? FormattableString.Invariant($"score {key.Score:g3}")
        : key.Tier < 0 ? FormattableString.Invariant($"promoted by a guard, tier {key.Tier}, score {key.Score:g3}")
        : FormattableString.Invariant($"tier {key.Tier}, band {key.Band}, score {key.Score:g3}");
}
