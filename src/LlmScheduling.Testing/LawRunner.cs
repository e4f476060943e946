using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace LlmScheduling.Testing;

/// <summary>Lets FsCheck draw cases and shrink the first that breaks a law.</summary>
internal static class LawRunner
{
    /// <summary>Throws for the smallest case found in which <paramref name="violation"/> says what is wrong.</summary>
    public static void Check<T>(Law law, Func<string> subject, LawOptions options, Arbitrary<T> cases, Func<T, string?> violation)
        where T : class
    {
        var capture = new Capture();
        Config config = Config.Quick
            .WithMaxTest(options.Cases)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(options.Seed), FSharpOption<int>.None)))
            .WithRunner(capture);
        FsCheck.Check.One(config, Prop.ForAll(options.Shrinks ? cases : Arb.From(cases.Generator), one => Said(violation, one) is null));
        if (capture.Smallest is T smallest)
            throw new LawViolationException(law, subject(), Said(violation, smallest) ?? "It does not break it every time.", smallest.ToString()!, options);
    }

    /// <summary>What is wrong; an exception is.</summary>
    public static string? Said<T>(Func<T, string?> violation, T one)
    {
        try
        {
            return violation(one);
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            return $"It throws {thrown.GetType().Name}: {thrown.Message}";
        }
    }

    private sealed class Capture : IRunner
    {
        public object? Smallest { get; private set; }

        public void OnStartFixture(Type t)
        {
        }

        public void OnArguments(int ntest, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
        {
        }

        public void OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink)
        {
        }

        public void OnFinished(string name, TestResult testResult)
        {
            if (testResult is TestResult.Failed failed)
                Smallest = failed.Item3.Head;
        }
    }
}
