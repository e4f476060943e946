namespace LlmScheduling.Testing;

/// <summary>
/// What a planner reads of a step's keys, and nothing else: the order of the waiting requests, who is held, refused or spare,
/// and whose seat who may take. Two sets of keys that mean the same are equal here.
/// </summary>
internal sealed class Decision : IEquatable<Decision>
{
    private readonly long[] _order;
    private readonly HashSet<long> _held = [];
    private readonly HashSet<long> _refused = [];
    private readonly HashSet<long> _spare = [];
    private readonly HashSet<(long Waiting, long Running)> _seats = [];

    private Decision(long[] order) => _order = order;

    /// <summary>Ids of the waiting requests that are not held, most urgent first.</summary>
    public IReadOnlyList<long> Order => _order;

    public static Decision Of(IReadOnlyList<RequestView> requests, ReadOnlySpan<PriorityKey> keys)
    {
        var waiting = new List<(PriorityKey Key, long Id)>();
        var running = new List<(PriorityKey Key, long Id)>();
        var held = new List<(long Id, bool IsRefused)>();
        for (int i = 0; i < keys.Length; i++)
        {
            long id = requests[i].Id.Sequence;
            if (keys[i].IsHeld)
                held.Add((id, keys[i].IsRefused && requests[i].Phase == RequestPhase.Waiting));
            else if (requests[i].Phase == RequestPhase.Running)
                running.Add((keys[i], id));
            else
                waiting.Add((keys[i], id));
        }

        waiting.Sort();
        var result = new Decision([.. waiting.Select(entry => entry.Id)]);
        foreach ((long id, bool isRefused) in held)
            (isRefused ? result._refused : result._held).Add(id);
        foreach ((PriorityKey key, long id) in waiting)
        {
            if (key.IsSpare)
                result._spare.Add(id);
            foreach ((PriorityKey seat, long holder) in running)
            {
                if (key.Band < seat.Band)
                    result._seats.Add((id, holder));
            }
        }

        return result;
    }

    /// <summary>Whether any waiting request may take a running one's seat.</summary>
    public bool TakesSeats => _seats.Count > 0;

    /// <summary>Place of a waiting request; held ones stand behind all.</summary>
    public int PlaceOf(long id)
    {
        int place = Array.IndexOf(_order, id);
        return place < 0 ? int.MaxValue : place;
    }

    public bool Equals(Decision? other) =>
        other is not null && _order.AsSpan().SequenceEqual(other._order) && _held.SetEquals(other._held)
        && _refused.SetEquals(other._refused) && _spare.SetEquals(other._spare) && _seats.SetEquals(other._seats);

    public override bool Equals(object? obj) => Equals(obj as Decision);

    public override int GetHashCode() => _order.Length;

    public override string ToString() =>
        $"order [{string.Join(", ", _order)}]"
        + Part("held", _held) + Part("refused", _refused) + Part("spare", _spare)
        + (_seats.Count == 0 ? "" : $", seats taken {string.Join(", ", _seats.OrderBy(pair => pair).Select(pair => $"{pair.Waiting} from {pair.Running}"))}");

    private static string Part(string name, HashSet<long> ids) => ids.Count == 0 ? "" : $", {name} [{string.Join(", ", ids.Order())}]";
}
