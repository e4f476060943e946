namespace LlmScheduling;

/// <summary>Where a request stands in the queue.</summary>
/// <param name="RequestsAhead">Waiting requests that go before it.</param>
/// <param name="Wait">Estimated time until it is admitted, from the measured service rate; zero when a seat is free, <see cref="TimeSpan.MaxValue"/> while nothing has been measured.</param>
public readonly record struct QueueEstimate(int RequestsAhead, TimeSpan Wait);
