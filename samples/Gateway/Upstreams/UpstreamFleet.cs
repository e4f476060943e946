using LlmScheduling;

namespace Gateway;

/// <summary>The upstreams, and which of them the gate may use. Any thread.</summary>
internal sealed partial class UpstreamFleet
{
    private readonly AdmissionGate _gate;
    private readonly ILogger<UpstreamFleet> _logger;

    public UpstreamFleet(GatewayOptions options, AdmissionGate gate, ILogger<UpstreamFleet> logger)
    {
        (_gate, _logger) = (gate, logger);
        All = [.. options.Upstreams.Select((upstream, index) => new Upstream(index, upstream.Url))];
        foreach (Upstream upstream in All)
            gate.SetAvailable(upstream.Index, false);
    }

    public Upstream[] All { get; }

    /// <summary>A request has failed there: it gets no more until a probe has found it well, which is asked for at once. Requests that fail together count once.</summary>
    public void Suspect(Upstream upstream, string why)
    {
        lock (upstream)
        {
            if (!upstream.IsUp)
                return;
            Set(upstream, false);
            upstream.CountFailure();
        }

        IsOut(_logger, upstream.Name, why);
    }

    /// <summary>What a probe has found wrong; null: nothing. That it is well counts only if nothing has failed there since the probe began.</summary>
    public void Found(Upstream upstream, string? illness)
    {
        lock (upstream)
        {
            bool isUp = illness is null && !upstream.Suspected.IsCompleted;
            if (upstream.IsUp == isUp && upstream.IsKnown)
                return;
            upstream.IsKnown = true;
            Set(upstream, isUp);
        }

        if (illness is null)
            IsBack(_logger, upstream.Name);
        else
            IsOut(_logger, upstream.Name, illness);
    }

    private void Set(Upstream upstream, bool isUp)
    {
        upstream.IsUp = isUp;
        _gate.SetAvailable(upstream.Index, isUp);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Upstream} gets no requests until it is well again: {Why}")]
    private static partial void IsOut(ILogger logger, string upstream, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Upstream} is well and gets requests.")]
    private static partial void IsBack(ILogger logger, string upstream);
}
