using System.Globalization;
using System.Net.Http.Json;
using LlmScheduling;
using LlmScheduling.Simulation;

/// <summary>The first thing to try: a server, a load that is more than it can serve, first come first served and then by objectives.</summary>
internal static class Demo
{
    private static readonly string[] Stacks = ["fcfs", "slo"];

    /// <summary>Runs it; 0 when every request was answered to its end.</summary>
    public static Task<int> RunAsync(CommandLine command, TextWriter output) => RunAsync(command, DemoLoad.For(command.Engine), output);

    /// <summary>The same with another load.</summary>
    public static async Task<int> RunAsync(CommandLine command, Workload load, TextWriter output)
    {
        var served = new ServedRequests();
        await using WebApplication app = ModelServer.Build(new EmbeddedEngine(command.Engine, command.Speed, command.Model), command.Server, served);
        await app.StartAsync();
        var url = new Uri(app.Urls.Single());
        double seconds = (load.Requests[^1].ArrivedAt - load.Requests[0].ArrivedAt).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Serving at {url}v1, live page at {url}scheduler, metrics at {url}metrics"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.Requests.Count} requests over HTTP in {seconds:0} s of the engine's time, {DemoLoad.Load} times what it can serve; the engine is a latency model of a real one, {command.Speed:0.##} times as fast as life."));
        foreach ((string trafficClass, ServiceLevelObjective promise) in command.Server.Promises)
            output.WriteLine($"Promised to {trafficClass}: {Promise(promise)}");

        using var client = new LoadClient(url, command.Model, command.Speed);
        await WarmUpAsync(client, load);
        served.Take();
        List<DemoRun> runs = [];
        foreach (string stack in Stacks)
        {
            output.WriteLine($"Serving under {stack} ...");
            using HttpResponseMessage switched = await client.Http.PostAsJsonAsync("/scheduler/stack", new { stack });
            switched.EnsureSuccessStatusCode();
            SeenRequest[] seen = await client.SendAsync(load);
            runs.Add(Compare(stack, seen, served.Take(), command) with
            {
                OnThePage = await ToldAttainment.ByPageAsync(client.Http, stack),
                InMetrics = await ToldAttainment.ByMetricsAsync(client.Http, stack),
            });
        }

        output.WriteLine();
        Print(runs, output);
        await app.StopAsync();
        return runs.All(run => run.Seen.Length == load.Requests.Count && run.Seen.All(seen => seen.IsWhole)) ? 0 : 1;
    }

    /// <summary>The first requests of a process wait for the compiler, not for the queue.</summary>
    private static Task WarmUpAsync(LoadClient client, Workload load) =>
        client.SendAsync(new Workload("warm-up", load.Requests.Take(20).Select(request => request with { ArrivedAt = TimeSpan.Zero, InputTokens = 50, OutputTokens = 20, TrafficClass = "" })));

    /// <summary>The simulator's scheduler is the server's own; only HTTP, threads and the wall clock are missing.</summary>
    private static DemoRun Compare(string stack, SeenRequest[] seen, EndedRequest[] served, CommandLine command)
    {
        var promises = new SloTable(command.Server.Promises, null);
        ReplayResult replay = Replay.Run(
            ServedRequests.AsWorkload(served),
            command.Engine,
            command.Server.Stacks.First(known => known.Name == stack),
            new ReplayOptions { Lengths = LengthKnowledge.ClassMean, Slo = promises });
        return new DemoRun(stack, seen, served, ReplayReport.Of(replay, promises), double.NaN, double.NaN);
    }

    private static void Print(IReadOnlyList<DemoRun> runs, TextWriter output)
    {
        Row(output, "", runs, run => run.Stack);
        Row(output, "objectives kept", runs, run => Percent(run.Attainment()));
        Row(output, "  say page and /metrics", runs, run => $"{Percent(run.OnThePage)}, {Percent(run.InMetrics)}");
        Row(output, "  says the simulator", runs, run => Percent(run.Simulated.SloAttainment));
        foreach (string trafficClass in runs[0].Simulated.SloAttainmentByClass.Keys)
            Row(output, $"  {trafficClass}", runs, run => Percent(run.Attainment(trafficClass)));
        Row(output, "time to first token, mean", runs, run => Seconds(run.Mean(seen => seen.FirstText)));
        Row(output, "time to first token, p50", runs, run => Seconds(run.Quantile(seen => seen.FirstText, 0.5)));
        Row(output, "time to first token, p99", runs, run => Seconds(run.Quantile(seen => seen.FirstText, 0.99)));
        Row(output, "whole answer, mean", runs, run => Seconds(run.Mean(seen => seen.End)));
        Row(output, "whole answer, p99", runs, run => Seconds(run.Quantile(seen => seen.End, 0.99)));
        Row(output, "longest wait for a seat", runs, run => Seconds(run.LongestWait));
        Row(output, "answered to the end", runs, run => $"{run.Seen.Count(seen => seen.IsWhole)} of {run.Seen.Length}");
        output.WriteLine();
        output.WriteLine("Times as the clients saw them, in seconds of the engine's clock. Beyond capacity somebody misses: slo serves those who");
        output.WriteLine("can no longer be on time last, so more keep their promise and the longest waits grow. Serve it yourself without --demo.");
    }

    private static void Row(TextWriter output, string name, IReadOnlyList<DemoRun> runs, Func<DemoRun, string> cell) =>
        output.WriteLine($"{name,-28}{string.Concat(runs.Select(run => cell(run).PadLeft(14)))}");

    private static string Promise(ServiceLevelObjective promise) => string.Join(", ", new[]
    {
        promise.TimeToFirstToken is { } first ? $"the first token within {Seconds(first.TotalSeconds)}" : null,
        promise.TimePerOutputToken is { } each ? $"then one every {each.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms" : null,
        promise.EndToEnd is { } all ? $"the whole answer within {Seconds(all.TotalSeconds)}" : null,
    }.OfType<string>());

    private static string Percent(double? share) => share is { } known ? (100 * known).ToString("0", CultureInfo.InvariantCulture) + " %" : "-";

    private static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " s";
}
