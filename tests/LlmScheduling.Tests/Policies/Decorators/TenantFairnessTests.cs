namespace LlmScheduling.Tests.Policies.Decorators;

public sealed class TenantFairnessTests
{
    private static readonly ISchedulingPolicy Fair = new FirstComeFirstServed().WithTenantFairness();

    [Fact]
    public void Prioritize_EachPlacedRequest_MovesItsTenantOnByItsCost()
    {
        // Tenant 0 stands at 100 and pays 30 + 2 x 10 a request; tenant 1 stands at 140 and pays 10.
        PolicyCase it = PolicyCase.Of(
            View(0, tenant: 0, prompt: 30, predicted: 10), View(1, tenant: 0, prompt: 30, predicted: 10), View(2, tenant: 0, prompt: 30, predicted: 10),
            View(3, tenant: 1, prompt: 10), View(4, tenant: 1, prompt: 10)) with
        { Tenants = [new(100, 1, 0, 0), new(140, 1, 1, 0)] };
        Assert.Equal([0, 3, 1, 4, 2], it.Order(Fair));
    }

    [Fact]
    public void Prioritize_Weights_MakeTheSameRequestsCheaper()
    {
        PolicyCase it = PolicyCase.Of(
            View(0, tenant: 0, prompt: 40), View(1, tenant: 0, prompt: 40), View(2, tenant: 0, prompt: 40), View(3, tenant: 1, prompt: 40), View(4, tenant: 1, prompt: 40)) with
        { Tenants = [new(0, 2, 0, 0), new(0, 1, 1, 0)] };
        Assert.Equal([0, 3, 1, 2, 4], it.Order(Fair));
    }

    [Fact]
    public void Prioritize_EqualCosts_GoByName()
    {
        PolicyCase it = PolicyCase.Of(View(0, tenant: 0), View(1, tenant: 1)) with { Tenants = [new(5, 1, 1, 0), new(5, 1, 0, 0)] };
        Assert.Equal([1, 0], it.Order(Fair));
    }

    [Fact]
    public void Prioritize_PreemptedRequest_CostsOnlyTheRestOfItsOutput()
    {
        RequestView preempted = View(0, tenant: 0, prompt: 1_000, predicted: 12) with { Phase = RequestPhase.Preempted, GeneratedTokens = 10 };
        PolicyCase it = PolicyCase.Of(preempted, View(1, tenant: 0), View(2, tenant: 1)) with { Tenants = [new(0, 1, 0, 0), new(5, 1, 1, 0)] };
        Assert.Equal([0, 1, 2], it.Order(Fair));
    }

    [Fact]
    public void Prioritize_InnerTierBandAndScore_DecideInsideATenantOnly()
    {
        var promotes = new KeyedBy((in RequestView request) => new PriorityKey(-request.Priority, 0, 0));
        PolicyCase it = PolicyCase.Of(View(0, tenant: 0), View(1, tenant: 0) with { Priority = 9 }, View(2, tenant: 1)) with { Tenants = [new(50, 1, 0, 0), new(10, 1, 1, 0)] };
        Assert.Equal([2, 1, 0], it.Order(promotes.WithTenantFairness()));
    }

    [Fact]
    public void Prioritize_SpareRequests_StayLastAndFairAmongThemselves()
    {
        var spare = new KeyedBy((in RequestView request) => request.Priority > 0 ? PriorityKey.Spare(request.Priority) : new(0, 0));
        PolicyCase it = PolicyCase.Of(
            View(0, tenant: 1) with { Priority = 1 }, View(1, tenant: 0) with { Priority = 9 }, View(2, tenant: 1), View(3, tenant: 0) with { Priority = 4 }) with
        { Tenants = [new(0, 1, 0, 0), new(8, 1, 1, 0)] };
        PriorityKey[] keys = it.Keys(spare.WithTenantFairness());
        Assert.Equal([true, true, false, true], keys.Select(key => key.IsSpare));
        Assert.Equal([2, 3, 1, 0], it.Order(spare.WithTenantFairness()));
    }

    [Fact]
    public void Prioritize_RandomCases_IsTheGreedyOrder() =>
        PolicyCases.Check(PolicyCases.Ordinary, seed: 31, it =>
        {
            PriorityKey[] inner = it.Keys(new ShortestPromptFirst());
            double[] cost = [.. it.Tenants.Select(tenant => tenant.ServedCost)];
            List<int> left = [.. Enumerable.Range(0, it.Requests.Length).Where(i => it.Requests[i].Phase != RequestPhase.Running)];
            var expected = new List<long>();
            while (left.Count > 0)
            {
                int next = left.OrderBy(i => cost[it.Requests[i].TenantIndex]).ThenBy(i => it.Tenants[it.Requests[i].TenantIndex].NameOrder)
                    .ThenBy(i => inner[i]).ThenBy(i => it.Requests[i].Id.Sequence).First();
                RequestView request = it.Requests[next];
                double tokens = (request.Phase == RequestPhase.Waiting ? request.PromptTokens : 0) + 2.0 * Math.Max(0, request.Length.Median - request.GeneratedTokens);
                cost[request.TenantIndex] += tokens / it.Tenants[request.TenantIndex].Weight;
                expected.Add(request.Id.Sequence);
                left.Remove(next);
            }

            Assert.Equal(expected, it.Order(new ShortestPromptFirst().WithTenantFairness()));
        });

    // 1,000 requests of one tenant wait when another's first request comes; with aged ones in front inside the tenant.
    [Fact]
    public void OnTheScheduler_IdleTenantBehindAFlood_IsServedAlmostAtOnce()
    {
        using var rig = new EngineRig(
            new BatchSchedulerOptions { MaxSequences = 1, MaxBatchTokens = 64 },
            new ShortestPromptFirst().WithStarvationBound(EngineRig.StepTime).WithTenantFairness());
        for (int flood = 0; flood < 1_000; flood++)
            rig.Enqueue(prompt: 10, output: 1, tenant: "flood");
        rig.Steps(10);
        RequestTicket first = rig.Enqueue(prompt: 40, output: 1, tenant: "quiet");
        Assert.Contains(rig.Steps(2), plan => plan.StartsWith($"{first.Id.Sequence}:", StringComparison.Ordinal));
    }

    [Fact]
    public void OnTheScheduler_BacklogsOfUnequalRequests_ServesTokensByWeight()
    {
        var options = new BatchSchedulerOptions { MaxSequences = 4, MaxBatchTokens = 64 };
        options.TenantWeights["heavy"] = 3;
        using var rig = new EngineRig(options, new FirstComeFirstServed().WithTenantFairness());
        var tenants = new List<string>();
        for (int i = 0; i < 600; i++)
        {
            rig.Enqueue(prompt: 5, output: 5, tenant: "heavy");
            rig.Enqueue(prompt: 20, output: 10, tenant: "light");
            tenants.AddRange(["heavy", "light"]);
        }

        Dictionary<string, double> served = new() { ["heavy"] = 0, ["light"] = 0 };
        for (int step = 0; step < 500; step++)
        {
            rig.Step();
            foreach (PlannedWork work in rig.Work)
                served[tenants[(int)work.Id.Sequence]] += work.Tokens == 1 ? 2 : work.Tokens;
        }

        Assert.InRange(served["heavy"] / served["light"], 2.7, 3.3);
    }

    private static RequestView View(long id, int tenant, int prompt = 10, int predicted = 0) =>
        PolicyCase.View(id, prompt: prompt) with { TenantIndex = tenant, Length = new(predicted, 0) };
}
