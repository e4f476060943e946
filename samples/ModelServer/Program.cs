using LlmScheduling;

CommandLine command;
try
{
    command = CommandLine.Parse(args);
}
catch (InputException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

if (command.IsHelp)
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

if (command.IsDemo)
    return await Demo.RunAsync(command, Console.Out);

if (command.Streams is { } streams)
    return await ManyStreams.RunAsync(streams.Server, command.Model, streams.Count, streams.Duration, Console.Out);

using OtlpExport? otlp = command.Server.Otlp is { } collector ? new OtlpExport(collector) : null;
await using WebApplication app = ModelServer.Build(new EmbeddedEngine(command.Engine, command.Speed, command.Model), command.Server);
try
{
    await app.StartAsync();
}
catch (IOException fault)
{
    Console.Error.WriteLine($"{fault.Message} Another --url helps; port 0 takes a free one.");
    return 1;
}

string url = app.Urls.Single();
Console.WriteLine($"Serving {command.Model} at {url}/v1, page at {url}/scheduler, metrics at {url}/metrics. Ctrl+C stops it.");
await app.WaitForShutdownAsync();
return 0;
