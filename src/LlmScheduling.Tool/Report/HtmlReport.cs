using System.Text;

namespace LlmScheduling.Tool;

/// <summary>One self-contained page: summary, latency distributions, queues and who ran when, for every policy of a replay.</summary>
internal sealed class HtmlReport
{
    private readonly StringBuilder _page = new();
    private readonly IReadOnlyList<PolicyRun> _runs;

    private HtmlReport(IReadOnlyList<PolicyRun> runs) => _runs = runs;

    /// <summary>Writes the page of <paramref name="runs"/>, all of the same workload, under a title and lines of facts.</summary>
    public static string Write(string title, IReadOnlyList<string> facts, IReadOnlyList<PolicyRun> runs)
    {
        var report = new HtmlReport(runs);
        report.Open(title, facts);
        report.Summary();
        report.Latencies();
        report.Queues();
        report.WhoRanWhen();
        return report._page.Append("</main></body></html>\n").ToString();
    }

    private void Open(string title, IReadOnlyList<string> facts)
    {
        _page.Append("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        _page.Append("<title>").Append(SvgCanvas.Escape(title)).Append("</title><style>").Append(ReportStyle.Sheet).Append("</style></head><body><main><h1>");
        _page.Append(SvgCanvas.Escape(title)).Append("</h1>");
        foreach (string fact in facts)
            Note(fact);
    }

    private void Summary()
    {
        Heading("Summary");
        Note("Times in seconds. Lower is better but for SLO.");
        _page.Append("<table><thead><tr><th scope=\"col\">policy</th>");
        IReadOnlyList<SummaryColumn> columns = SummaryColumn.For(_runs);
        foreach (SummaryColumn column in columns)
            _page.Append("<th scope=\"col\">").Append(SvgCanvas.Escape(column.Heading)).Append("</th>");
        _page.Append("</tr></thead><tbody>");
        foreach (PolicyRun run in _runs)
        {
            _page.Append("<tr><th scope=\"row\">").Append(SvgCanvas.Escape(run.Name)).Append("</th>");
            foreach (SummaryColumn column in columns)
                _page.Append($"<td data-label=\"{SvgCanvas.Escape(column.Heading)}\">").Append(SvgCanvas.Escape(column.Cell(run))).Append("</td>");
            _page.Append("</tr>");
        }

        _page.Append("</tbody></table>");
    }

    private void Latencies()
    {
        Heading("Latency");
        Note("How many of all requests were served within a time. Further left is faster; a line that ends below 100 % left requests unserved.");
        _page.Append("<ul class=\"legend\">");
        for (int i = 0; i < _runs.Count; i++)
            _page.Append($"<li><svg viewBox=\"0 0 34 8\" aria-hidden=\"true\"><path class=\"s\" style=\"{SeriesStyle.Of(i)}\" d=\"M0 4h34\"/></svg>").Append(SvgCanvas.Escape(_runs[i].Name)).Append("</li>");
        _page.Append("</ul><div class=\"charts\">");
        int requests = _runs[0].Result.Records.Count;
        Figure("Time to first token", DistributionChart.Draw("Time to first token", [.. _runs.Select(run => (run.Name, Seconds(run, record => record.TimeToFirstToken)))], requests));
        Figure("End to end", DistributionChart.Draw("End to end", [.. _runs.Select(run => (run.Name, Seconds(run, record => record.EndToEnd)))], requests));
        _page.Append("</div>");
    }

    private void Queues()
    {
        Heading("Queue and batch over time");
        Note("Requests that wait and requests that run; the scales are the same for every policy.");
        double seconds = _runs.Max(run => run.Result.SimulatedTime.TotalSeconds);
        int waiting = _runs.Max(run => run.Result.Samples.Select(sample => sample.Waiting).DefaultIfEmpty().Max());
        int running = _runs.Max(run => run.Result.Samples.Select(sample => sample.Running).DefaultIfEmpty().Max());
        _page.Append("<div class=\"charts\">");
        foreach (PolicyRun run in _runs)
            Figure(run.Name, QueueChart.Draw(run, seconds, waiting, running));
        _page.Append("</div>");
    }

    private void WhoRanWhen()
    {
        Heading("Who ran when");
        Note("One row per request, the earliest arrival on top; the same requests under every policy. A request that was preempted shows its whole time since admission.");
        _page.Append("<ul class=\"legend\">");
        foreach ((string style, double width, string text) in new[] { ("wait", 1.5, "waits"), ("prefill", 6, "prefill"), ("decode", 3.5, "decode"), ("unserved", 1.2, "× not served") })
            _page.Append($"<li><svg viewBox=\"0 0 34 8\" aria-hidden=\"true\"><path class=\"{style}\" style=\"stroke-width:{SvgCanvas.Number(width)}\" d=\"{(style == "unserved" ? "M14 1l6 6m0 -6l-6 6" : "M0 4h34")}\"/></svg>{text}</li>");
        _page.Append("</ul>");
        foreach (RequestSelection selection in RequestSelection.Of(_runs))
        {
            double from = selection.Rows.Min(row => _runs[0].Result.Records[row].Request.ArrivedAt.TotalSeconds);
            double to = _runs.Max(run => selection.Rows.Max(row => run.Result.Records[row].EndedAt.TotalSeconds));
            _page.Append("<h3>").Append(SvgCanvas.Escape(selection.Title)).Append("</h3><div class=\"charts\">");
            foreach (PolicyRun run in _runs)
                Figure(run.Name, GanttChart.Draw(run, selection.Rows, from, to));
            _page.Append("</div>");
        }
    }

    private static double[] Seconds(PolicyRun run, Func<Simulation.RequestRecord, TimeSpan?> time) =>
        [.. run.Result.Records.Select(time).OfType<TimeSpan>().Select(span => span.TotalSeconds)];

    private void Heading(string text) => _page.Append("<h2>").Append(text).Append("</h2>");

    private void Note(string text) => _page.Append("<p class=\"note\">").Append(SvgCanvas.Escape(text)).Append("</p>");

    private void Figure(string caption, string svg) =>
        _page.Append("<figure><figcaption>").Append(SvgCanvas.Escape(caption)).Append("</figcaption>").Append(svg).Append("</figure>");
}
