namespace LlmScheduling.Tests.Admission;

/// <summary>A decision is made no earlier than anything that it has seen.</summary>
public sealed class DecisionTimeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Decide_WhileOthersComeAndGo_PutsNothingBeforeItsCause(int reading)
    {
        HookedTimeProvider? time = null;
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 3 }, time: clock => time = new HookedTimeProvider(clock));
        AdmissionLease held = rig.Seat();
        Task<AdmissionLease>? second = null;
        // The first of the readings is the arrival's, the next ones are the decision's.
        time!.AfterReading(reading, () =>
        {
            rig.Advance(5);
            var other = new Thread(() =>
            {
                second = rig.Gate.AcquireAsync(GateRig.Request()).AsTask();
                held.ReportTokens(2);
                held.Complete(FinishReason.Stop);
            });
            other.Start();
            other.Join();
        });

        AdmissionLease first = await GateRig.Soon(rig.Gate.AcquireAsync(GateRig.Request()).AsTask());
        first.Complete(FinishReason.Stop);
        (await GateRig.Soon(second!)).Complete(FinishReason.Stop);

        Assert.Equal(3, rig.Ended.Count);
        Assert.All(rig.Ended, ended =>
        {
            Assert.InRange(ended.AdmittedAt, ended.ArrivedAt, ended.EndedAt);
            if (ended.GeneratedTokens > 0)
                Assert.InRange(ended.FirstTokenAt, ended.AdmittedAt, ended.EndedAt);
        });
    }
}
