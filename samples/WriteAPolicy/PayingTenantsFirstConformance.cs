using LlmScheduling;
using LlmScheduling.Testing;
using LlmScheduling.Testing.Xunit;

namespace WriteAPolicy;

public sealed class PayingTenantsFirstConformance : PolicyConformanceTests
{
    protected override LawOptions Options => new()
    {
        Promises = new PolicyPromises { IsWorkConserving = true, NeverTakesSeats = true },
    };

    protected override ISchedulingPolicy CreatePolicy() => new PayingTenantsFirst(allowance: 100);
}
