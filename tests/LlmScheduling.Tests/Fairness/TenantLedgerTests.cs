namespace LlmScheduling.Tests;

public sealed class TenantLedgerTests
{
    [Fact]
    public void Charge_PromptOnceOutputTwiceDividedByTheWeight()
    {
        var ledger = new TenantLedger(new Dictionary<string, double> { ["heavy"] = 4 }, 10);
        int heavy = ledger.Enter("heavy"), light = ledger.Enter("light");
        ledger.ChargePrompt(heavy, 100);
        ledger.ChargeOutput(heavy, 50);
        ledger.ChargePrompt(light, 100);

        Assert.Equal((50, 4), (ledger.Usage[heavy].ServedCost, ledger.Usage[heavy].Weight));
        Assert.Equal((100, 1), (ledger.Usage[light].ServedCost, ledger.Usage[light].Weight));
    }

    [Fact]
    public void Enter_IdleTenantBesideActiveOnes_IsLiftedToTheSmallestOfThem()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 10);
        int a = ledger.Enter("a"), b = ledger.Enter("b");
        ledger.ChargePrompt(a, 100);
        ledger.ChargePrompt(b, 70);
        int late = ledger.Enter("late");

        Assert.Equal(70, ledger.Usage[late].ServedCost);
    }

    [Fact]
    public void Enter_NobodyActive_IsLiftedToTheOneWhoLeftLast()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 10);
        int busy = ledger.Enter("busy");
        ledger.ChargePrompt(busy, 1_000_000);
        ledger.Leave(busy);
        int late = ledger.Enter("late");
        ledger.Enter("busy");

        // Without it the late tenant would be owed a million tokens for the time that it did not ask for anything.
        Assert.Equal((1_000_000, 1_000_000), (ledger.Usage[late].ServedCost, ledger.Usage[busy].ServedCost));
    }

    [Fact]
    public void Enter_ActiveTenant_IsNotLifted()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 10);
        int a = ledger.Enter("a"), b = ledger.Enter("b");
        ledger.ChargePrompt(a, 100);
        ledger.Enter("b");

        Assert.Equal(0, ledger.Usage[b].ServedCost);
    }

    [Fact]
    public void Enter_LessServedThanTheFloor_IsNeverLowered()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 10);
        int a = ledger.Enter("a");
        ledger.ChargePrompt(a, 100);
        ledger.Leave(a);
        ledger.Enter("b");
        Assert.Equal(a, ledger.Enter("a"));

        Assert.Equal(100, ledger.Usage[a].ServedCost);
    }

    [Fact]
    public void NameOrder_IsOrdinalWhateverTheOrderOfArrivalAndStaysSoWhenTenantsLeave()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 3);
        string[] names = ["b", "", "B", "a", "c", "Z", "b", "aa"];
        var tracked = new Dictionary<int, string>();
        foreach (string name in names)
        {
            int index = ledger.Enter(name);
            tracked[index] = name;
            string[] sorted = [.. tracked.Values.Order(StringComparer.Ordinal)];
            foreach ((int each, string its) in tracked)
                Assert.Equal(Array.IndexOf(sorted, its), ledger.Usage[each].NameOrder);
            ledger.Leave(index);
        }

        Assert.Equal(3, ledger.Usage.Length);
    }

    [Fact]
    public void Enter_BeyondTheBound_TheIdleTenantAdmittedLongestAgoLeaves()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 2);
        int a = ledger.Enter("a"), b = ledger.Enter("b");
        ledger.Admitted(b);
        ledger.Admitted(a);
        ledger.Leave(a);
        ledger.Leave(b);

        Assert.Equal(b, ledger.Enter("c"));
        Assert.Equal(a, ledger.Enter("a"));
        Assert.Equal(2, ledger.Usage.Length);
    }

    [Fact]
    public void Enter_BeyondTheBoundWithNobodyIdle_SharesAnAccountAndLeavesItAgain()
    {
        var ledger = new TenantLedger(new Dictionary<string, double>(), 2);
        int a = ledger.Enter("a"), b = ledger.Enter("b"), c = ledger.Enter("c");
        Assert.Equal(a, c);
        ledger.Leave(a);
        ledger.Leave(c);

        Assert.Equal(a, ledger.Enter("d"));
        Assert.NotEqual(a, b);
    }
}
