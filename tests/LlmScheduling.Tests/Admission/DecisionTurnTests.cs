namespace LlmScheduling.Tests.Admission;

public class DecisionTurnTests
{
    [Fact]
    public void Ask_ManyThreads_OneDecidesAtATimeAndNothingIsMissed()
    {
        const int Threads = 8, Asks = 20_000;
        int posted = 0, seen = 0, inside = 0, overlaps = 0;
        var turn = new DecisionTurn(() =>
        {
            if (Interlocked.Increment(ref inside) != 1)
                Interlocked.Increment(ref overlaps);
            seen = Volatile.Read(ref posted);
            Interlocked.Decrement(ref inside);
        });
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Asks; i++)
            {
                Interlocked.Increment(ref posted);
                turn.Ask();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        // What was left over is done by the thread pool, or by whoever comes.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref seen) == Threads * Asks, TimeSpan.FromSeconds(30)));
        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task Ask_DecisionsNeverEnd_GivesTheCallerBack()
    {
        var done = new TaskCompletionSource();
        int decisions = 0;
        DecisionTurn? turn = null;
        turn = new DecisionTurn(() =>
        {
            if (++decisions < 1_000)
                turn!.Ask();
            else
                done.TrySetResult();
        });

        turn.Ask();

        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1_000, decisions);
    }

    [Fact]
    public void Ask_DecisionThrows_TellsItsCallerAndGoesOn()
    {
        bool isBroken = true;
        int decisions = 0;
        var turn = new DecisionTurn(() =>
        {
            decisions++;
            if (isBroken)
                throw new InvalidOperationException("broken");
        });

        Assert.Throws<InvalidOperationException>(turn.Ask);
        Assert.False(turn.IsMine);
        isBroken = false;
        turn.Ask();

        Assert.Equal(2, decisions);
    }

    [Fact]
    public void IsMine_InsideADecision_IsTrueForItsThreadOnly()
    {
        DecisionTurn? turn = null;
        bool inside = false, other = true;
        turn = new DecisionTurn(() =>
        {
            inside = turn!.IsMine;
            var thread = new Thread(() => other = turn.IsMine);
            thread.Start();
            thread.Join();
        });

        turn.Ask();

        Assert.True(inside);
        Assert.False(other);
        Assert.False(turn.IsMine);
    }
}
