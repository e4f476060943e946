namespace LlmScheduling;

/// <summary>One instance behind an <see cref="AdmissionGate"/> as an assignment sees it.</summary>
/// <param name="IsAvailable">Whether it takes new requests.</param>
/// <param name="FreeSequences">Seats that nobody holds.</param>
/// <param name="FreeTokens">Tokens of <see cref="AdmissionGateOptions.MaxTokens"/> that nobody holds; 0 when reports have passed the expectation.</param>
/// <param name="PredictedIdleAt">When all that it serves now is predicted to be done at the pace at which it has been working, from the gate's start; the present when it is idle, <see cref="TimeSpan.MaxValue"/> while its pace is not known.</param>
public readonly record struct InstanceView(bool IsAvailable, int FreeSequences, long FreeTokens, TimeSpan PredictedIdleAt)
{
    /// <summary>Work that its present requests are still expected to need, by their predicted lengths: server-seconds, or tokens while no latency model prices them.</summary>
    public double ExpectedWork { get; init; }

    /// <summary>Which of the gate's choices it was last chosen by, counted from 1; 0 when it never was.</summary>
    public long LastChosen { get; init; }

    /// <summary>Whether it is available and has a seat and the tokens that <paramref name="request"/> is expected to need.</summary>
    public bool HasRoomFor(in RequestView request) => IsAvailable && FreeSequences > 0 && FreeTokens >= ExpectedTokens.Of(request);
}
