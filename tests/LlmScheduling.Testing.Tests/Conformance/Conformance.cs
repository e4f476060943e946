using LlmScheduling.Testing.Xunit;

namespace LlmScheduling.Testing.Tests;

public sealed class FirstComeFirstServedConformance : PolicyConformanceTests
{
    protected override LawOptions Options => new()
    {
        Promises = new PolicyPromises { IsWorkConserving = true, NeverTakesSeats = true, EarlierArrivalNeverHurts = true, MaxPassedAfterWait = 0, OrderWhenNothingIsRanked = new FirstComeFirstServed() },
    };

    protected override ISchedulingPolicy CreatePolicy() => new FirstComeFirstServed();
}
