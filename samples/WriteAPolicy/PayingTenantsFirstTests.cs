using LlmScheduling;

namespace WriteAPolicy;

public sealed class PayingTenantsFirstTests
{
    [Fact]
    public void Prioritize_TenantBeyondItsAllowance_GoesLast()
    {
        var snapshot = new SchedulingSnapshot
        {
            Now = TimeSpan.FromSeconds(1),
            Tenants = [new(ServedCost: 500, Weight: 1, NameOrder: 0, LastAdmission: 0), new(ServedCost: 0, Weight: 1, NameOrder: 1, LastAdmission: 0)],
            Requests =
            [
                new() { Id = new RequestId(1), TenantIndex = 0, PromptTokens = 10 },
                new() { Id = new RequestId(2), TenantIndex = 1, PromptTokens = 99 },
            ],
        };
        var keys = new PriorityKey[2];

        new PayingTenantsFirst(allowance: 100).Prioritize(snapshot, keys);

        Assert.True(keys[1].CompareTo(keys[0]) < 0);
    }
}
