using System.Diagnostics;
using System.Globalization;
using LlmScheduling.Simulation;

/// <summary>Keeps many streams open against a server for a while: none may be lost, and none stuck.</summary>
internal static class ManyStreams
{
    private const int PromptTokens = 20, AnswerTokens = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Interval = TimeSpan.FromMinutes(1);

    /// <summary>Runs it; 0 when every answer came to its end.</summary>
    public static async Task<int> RunAsync(Uri server, string model, int streams, TimeSpan duration, TextWriter output)
    {
        using var client = new LoadClient(server, model, speed: 1);
        long began = Stopwatch.GetTimestamp();
        Dictionary<string, double> before = await MetricsAsync(client);
        Task<List<SeenRequest>>[] open = [.. Enumerable.Range(0, streams).Select(_ => AskUntilAsync(client, began, duration))];
        Task all = Task.WhenAll(open);
        while (await Task.WhenAny(all, Task.Delay(Interval)) != all && Stopwatch.GetElapsedTime(began) < duration + Patience)
            await TellAsync(client, Stopwatch.GetElapsedTime(began), output);

        SeenRequest[] seen = [.. open.Where(stream => stream.IsCompletedSuccessfully).SelectMany(stream => stream.Result)];
        int stuck = open.Count(stream => !stream.IsCompleted), broken = open.Count(stream => stream.IsFaulted), cut = seen.Count(request => !request.IsWhole || request.Pieces != AnswerTokens);
        Dictionary<string, double> after = await MetricsAsync(client);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await TellAsync(client, Stopwatch.GetElapsedTime(began), output);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{streams} streams at once for {seconds:0} s: {seen.Length} answers, {seen.Length * (double)AnswerTokens / seconds:0} tokens/s; {cut} cut, {broken} broken, {stuck} stuck; the longest answer took {seen.Select(request => request.End).DefaultIfEmpty().Max():0.0} s."));
        if (after.TryGetValue("process_cpu_time_seconds_total", out double cpuAfter) && after.TryGetValue("model_server_scheduling_time_seconds_total", out double schedulingAfter))
        {
            double cpu = cpuAfter - before["process_cpu_time_seconds_total"], scheduling = schedulingAfter - before["model_server_scheduling_time_seconds_total"];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The server's CPU time: {cpu:0.0} s, of that {scheduling:0.00} s in the scheduler's calls, {scheduling / cpu:0.0 %}."));
        }

        return stuck + broken + cut == 0 ? 0 : 1;
    }

    private static async Task<List<SeenRequest>> AskUntilAsync(LoadClient client, long began, TimeSpan duration)
    {
        List<SeenRequest> seen = [];
        while (Stopwatch.GetElapsedTime(began) < duration)
            seen.Add(await client.SendAsync(new TraceRequest { Id = "", ArrivedAt = TimeSpan.Zero, InputTokens = PromptTokens, OutputTokens = AnswerTokens, MaxOutputTokens = AnswerTokens + 1 }));
        return seen;
    }

    private static async Task TellAsync(LoadClient client, TimeSpan at, TextWriter output)
    {
        Dictionary<string, double> now = await MetricsAsync(client);
        string held = now.TryGetValue("process_memory_usage", out double bytes) && now.TryGetValue("dotnet_heap_size", out double live)
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB held by the server, {live / 1e6:0} MB of it live objects at the last collection")
            : "the server does not say how much memory it holds";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,5:0} s: {held}"));
    }

    /// <summary>The metrics without labels.</summary>
    private static async Task<Dictionary<string, double>> MetricsAsync(LoadClient client) =>
        (await client.Http.GetStringAsync("/metrics")).Split('\n').Where(line => line.Length > 0 && line[0] != '#' && !line.Contains('{', StringComparison.Ordinal))
            .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
}
