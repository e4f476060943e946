using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests;

/// <summary>
/// Random commands against the scheduler and the reference model side by side. A failure prints the seed and the shortest
/// list of commands found; put the seed here to see it again.
/// </summary>
public sealed class ModelTests
{
    private const ulong Seed = 20_260_101;

    private static readonly Gen<ModelSetup> Setups =
        from seats in Gen.Choose(1, 4)
        from tokens in Gen.Choose(1, 40)
        from chunked in Gen.Elements(true, true, true, false)
        from chunk in Gen.Elements<int?>(null, null, 1, 3, 8)
        from blocks in Gen.Elements<int?>(null, 2, 4, 6, 9)
        from reservation in Gen.Elements(Enum.GetValues<KvReservation>())
        from queued in Gen.Elements(0, 1, 3, 6, 100)
        from queuedTokens in Gen.Elements(10, 30, 1_000)
        from full in Gen.Elements(Enum.GetValues<QueueFullAction>())
        from victim in Gen.Elements(true, false)
        select new ModelSetup(seats, tokens, chunked, chunk, blocks, reservation, queued, queuedTokens, full, victim);

    private static readonly Gen<ModelCommand> Commands = Gen.Frequency(
        (30, from input in Gen.Choose(1, 24)
             from output in Gen.Choose(0, 8)
             from priority in Gen.Choose(-1, 4)
             from timeout in Gen.Elements<int?>(null, null, null, 0, 2, 5, 20)
             select (ModelCommand)new ModelCommand.Enqueue(input, output, priority, timeout)),
        (40, Gen.Constant((ModelCommand)new ModelCommand.Plan())),
        (40, from seed in Gen.Choose(0, int.MaxValue) select (ModelCommand)new ModelCommand.Complete(seed)),
        (5, from which in Gen.Choose(0, 1_000) select (ModelCommand)new ModelCommand.Cancel(which)),
        (4, from policy in Gen.Choose(0, ModelPolicy.All.Count - 1) select (ModelCommand)new ModelCommand.Swap(policy)),
        (10, from milliseconds in Gen.Choose(0, 4) select (ModelCommand)new ModelCommand.Advance(milliseconds)),
        (1, from stops in Gen.Elements(true, false, false) select stops ? new ModelCommand.Stop() : (ModelCommand)new ModelCommand.Advance(1)));

    [Fact]
    public void Scheduler_UnderRandomCommands_DecidesAsTheModelDoes()
    {
        Gen<(ModelSetup Setup, int Policy, ModelCommand[] Commands)> runs =
            from setup in Setups
            from policy in Gen.Choose(0, ModelPolicy.All.Count - 1)
            from commands in Gen.ArrayOf(Commands, 150)
            select (setup, policy, commands);

        Prop.ForAll(Arb.From(runs, Shorter), run => new ModelRun(run.Setup, run.Policy).Execute(run.Commands))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(Seed, 1));
    }

    private static IEnumerable<(ModelSetup Setup, int Policy, ModelCommand[] Commands)> Shorter((ModelSetup Setup, int Policy, ModelCommand[] Commands) run)
    {
        for (int length = run.Commands.Length / 2; length > 0; length /= 2)
        {
            for (int at = 0; at + length <= run.Commands.Length; at += length)
                yield return run with { Commands = [.. run.Commands[..at], .. run.Commands[(at + length)..]] };
        }
    }
}
