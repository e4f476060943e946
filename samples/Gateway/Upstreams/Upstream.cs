using System.Text.Json;

namespace Gateway;

/// <summary>One server behind the gateway, and what is known of it. Any thread.</summary>
internal sealed class Upstream(int index, Uri url)
{
    private volatile bool _isUp;
    private volatile JsonElement[] _models = [];
    private TaskCompletionSource _suspected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;
    private int _running;

    /// <summary>Its instance at the gate.</summary>
    public int Index => index;

    public string Name { get; } = url.GetLeftPart(UriPartial.Authority);

    /// <summary>Whether it takes new requests; not before its first probe.</summary>
    public bool IsUp
    {
        get => _isUp;
        set => _isUp = value;
    }

    /// <summary>Whether it was probed.</summary>
    public bool IsKnown { get; set; }

    /// <summary>What it last said it serves.</summary>
    public JsonElement[] Models
    {
        get => _models;
        set => _models = value;
    }

    /// <summary>Failures since it last served a request well.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Requests that it is working on.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Completes when a request has failed there since <see cref="BeginProbe"/>.</summary>
    public Task Suspected => Volatile.Read(ref _suspected).Task;

    public Uri At(string pathAndQuery) => new(url.AbsoluteUri.TrimEnd('/') + pathAndQuery);

    public void Begin() => Interlocked.Increment(ref _running);

    public void End() => Interlocked.Decrement(ref _running);

    public void CountSuccess() => Volatile.Write(ref _failures, 0);

    public void CountFailure()
    {
        Interlocked.Increment(ref _failures);
        Volatile.Read(ref _suspected).TrySetResult();
    }

    /// <summary>From here on a failure asks for another probe.</summary>
    public void BeginProbe()
    {
        if (Suspected.IsCompleted)
            Volatile.Write(ref _suspected, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
