using LlmScheduling;

namespace Gateway;

/// <summary>Lets upstreams differ: the gate gives each the most seats and tokens that any has, and here each is shown with its own.</summary>
internal sealed class SeatsOfEach : IInstanceAssignment
{
    private readonly IInstanceAssignment _inner;
    private readonly (int Seats, long Tokens)[] _lacking;
    private readonly InstanceView[] _own;

    public SeatsOfEach(IInstanceAssignment inner, GatewayOptions options)
    {
        _inner = inner;
        int seats = options.Upstreams.Max(upstream => upstream.Seats ?? options.Seats);
        long tokens = options.Upstreams.Max(upstream => upstream.KvTokens ?? options.KvTokens);
        _lacking = [.. options.Upstreams.Select(upstream => (seats - (upstream.Seats ?? options.Seats), tokens - (upstream.KvTokens ?? options.KvTokens)))];
        _own = new InstanceView[_lacking.Length];
    }

    /// <inheritdoc/>
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        for (int i = 0; i < instances.Length; i++)
        {
            _own[i] = instances[i] with
            {
                FreeSequences = Math.Max(0, instances[i].FreeSequences - _lacking[i].Seats),
                FreeTokens = Math.Max(0, instances[i].FreeTokens - _lacking[i].Tokens),
            };
        }

        return _inner.Choose(request, _own);
    }
}
