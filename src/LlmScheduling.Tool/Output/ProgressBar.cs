using Spectre.Console;

namespace LlmScheduling.Tool;

/// <summary>Shows how far the work is on standard error, when that is a terminal; else works in silence.</summary>
internal static class ProgressBar
{
    /// <summary>Runs <paramref name="work"/>; it is given where to report shares from 0 to 1, by name.</summary>
    public static void Run(ToolHost host, Action<Func<string, IProgress<double>?>> work)
    {
        if (!host.IsErrorTerminal)
        {
            work(_ => null);
            return;
        }

        Terminal.Of(host.Error, isTerminal: true, 0).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(name => new Bar(context.AddTask(Markup.Escape(name), maxValue: 1))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
