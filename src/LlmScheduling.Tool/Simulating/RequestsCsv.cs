using System.Globalization;
using System.Text;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>What became of every request of one policy's replay: a row each, in the workload's order, times in whole microseconds.</summary>
internal static class RequestsCsv
{
    private const string Header = "id,arrival_us,ttft_us,e2e_us,output_tokens,outcome,slo_met,preemptions";

    /// <summary>Writes the file.</summary>
    public static void Write(Stream stream, PolicyRun run, SloTable? slo)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" };
        text.WriteLine(Header);
        foreach (RequestRecord record in run.Result.Records)
        {
            text.WriteLine(string.Join(',',
                CsvText.Of(record.Request.Id),
                Microseconds(record.Request.ArrivedAt),
                Microseconds(record.IsCompleted ? record.TimeToFirstToken : null),
                Microseconds(record.EndToEnd),
                record.GeneratedTokens.ToString(CultureInfo.InvariantCulture),
                OutcomeName.Of(record.Outcome),
                slo?.IsMetBy(record) is { } met ? met ? "1" : "0" : "",
                record.Preemptions.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static string Microseconds(TimeSpan? time) =>
        time is { } known ? ((known.Ticks + TimeSpan.TicksPerMicrosecond / 2) / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture) : "";
}
