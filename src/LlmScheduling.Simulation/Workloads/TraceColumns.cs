namespace LlmScheduling.Simulation;

/// <summary>Where a trace's header has each column; -1 for one that is absent.</summary>
internal sealed class TraceColumns
{
    private static readonly string[] Arrivals = ["arrival_us", "arrival_s", "arrival_seconds"];

    private readonly string[] _names;

    /// <exception cref="InputException">A column that is needed is absent, or one that is used occurs twice.</exception>
    public TraceColumns(string path, IEnumerable<string> header)
    {
        _names = [.. header.Select(name => name.Trim())];
        Id = Find(path, "id");
        InputTokens = Required(path, "input_tokens");
        OutputTokens = Required(path, "output_tokens");
        MaxOutputTokens = Find(path, "max_output_tokens");
        Priority = Find(path, "priority");
        Tenant = Find(path, "tenant");
        TrafficClass = Find(path, "slo_class");
        Deadline = Find(path, "deadline_us");
        Prompt = Find(path, "prompt");

        // Microseconds win where a file has both: they are exact.
        Arrival = Arrivals.Select(name => Find(path, name)).FirstOrDefault(column => column >= 0, -1);
        if (Arrival < 0)
            throw Missing(path, string.Join(" or ", Arrivals));
    }

    public int Count => _names.Length;

    public int Id { get; }

    public int Arrival { get; }

    public bool ArrivalIsInMicroseconds => NameOf(Arrival) == Arrivals[0];

    public int InputTokens { get; }

    public int OutputTokens { get; }

    public int MaxOutputTokens { get; }

    public int Priority { get; }

    public int Tenant { get; }

    public int TrafficClass { get; }

    public int Deadline { get; }

    public int Prompt { get; }

    public string NameOf(int column) => _names[column];

    private int Required(string path, string name) => Find(path, name) is >= 0 and var column ? column : throw Missing(path, name);

    private int Find(string path, string name)
    {
        int column = Array.IndexOf(_names, name);
        if (column >= 0 && Array.IndexOf(_names, name, column + 1) >= 0)
            throw new InputException(path, 1, name, "the column twice", "each column once");
        return column;
    }

    private InputException Missing(string path, string name) =>
        new(path, 1, name, $"a header without it ({string.Join(",", _names)})", "id,arrival_us|arrival_s,input_tokens,output_tokens,max_output_tokens,priority,tenant,slo_class,deadline_us,prompt in any order");
}
