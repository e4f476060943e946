using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>The commands of <c>llmsched</c>, and what becomes of their failures.</summary>
internal static class CommandTree
{
    /// <summary>Runs one command line to its exit code. Never throws.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ToolHost host, CancellationToken cancellationToken)
    {
        var debug = new Option<bool>("--debug") { Description = "Show the stack of an internal error.", Recursive = true };
        ParseResult parsed = Build(host, debug).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
            return Fail(host, $"{parsed.Errors[0].Message.TrimEnd('.')}; '{CommandLineOf(parsed)} --help' lists what is allowed.", ExitCode.BadInput);
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = host.Output, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                cancellationToken);
        }
        catch (Exception fault)
        {
            return Answer(host, fault, parsed.GetValue(debug));
        }
    }

    private static RootCommand Build(ToolHost host, Option<bool> debug)
    {
        var root = new RootCommand("Replay LLM request traces under any scheduling policy, and see which one serves them best.")
        {
            new SimulateCommand(host),
            new FitLatencyCommand(host),
            new TrainRankerCommand(host),
            new EvaluateRankerCommand(host),
            new AnnealCommand(host),
            new PoliciesCommand(host),
            debug,
        };
        foreach (HelpAction help in root.Options.Select(option => option.Action).OfType<HelpAction>())
            help.MaxWidth = host.Width;
        return root;
    }

    private static string CommandLineOf(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "llmsched" : "llmsched " + parsed.CommandResult.Command.Name;

    private static int Answer(ToolHost host, Exception fault, bool showStack) => fault switch
    {
        OperationCanceledException => Fail(host, "interrupted; nothing was written.", ExitCode.Interrupted),
        InputException => Fail(host, fault.Message, ExitCode.BadInput),
        ReplayStalledException => Fail(host, fault.Message, ExitCode.Fault),
        _ when showStack => Fail(host, fault.ToString(), ExitCode.Fault),
        _ => Fail(host, $"internal error: {fault.GetType().Name}: {OneLine(fault.Message)} (--debug shows the stack)", ExitCode.Fault),
    };

    private static int Fail(ToolHost host, string message, int exitCode)
    {
        host.Error.WriteLine($"llmsched: {(exitCode == ExitCode.Fault ? message : OneLine(message))}");
        return exitCode;
    }

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
