using System.Text;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Who ran when: a row per request that tells waiting, prefill and decode apart by colour and by thickness.</summary>
internal static class GanttChart
{
    private const double Top = 8, LabelRowHeight = 13, LeastRowHeight = 2.4, UsualPlotHeight = 250;
    private const double LeastBar = 1.2;
    private const int LongestLabel = 6;

    /// <summary>Draws the requests at <paramref name="rows"/> of one policy's run on a time axis that its neighbours share.</summary>
    public static string Draw(PolicyRun run, IReadOnlyList<int> rows, double from, double to)
    {
        double rowHeight = Math.Clamp(UsualPlotHeight / rows.Count, LeastRowHeight, LabelRowHeight);
        double bottom = Top + rowHeight * rows.Count;
        Axis x = Axis.Time(from, to, PlotFrame.Left, PlotFrame.Right);
        StringBuilder waits = new(), prefills = new(), decodes = new(), unserved = new();
        var canvas = new SvgCanvas(PlotFrame.Width, bottom + 22, Describe(run, rows));
        PlotFrame.Across(canvas, x, Top, bottom, DurationText.Tick);
        for (int row = 0; row < rows.Count; row++)
        {
            RequestRecord record = run.Result.Records[rows[row]];
            double y = Top + rowHeight * (row + 0.5);
            TimeSpan waited = record.AdmittedAt ?? record.EndedAt;
            Bar(waits, x, y, record.Request.ArrivedAt, waited);
            if (record.AdmittedAt is { } admitted)
                Bar(prefills, x, y, admitted, record.FirstTokenAt ?? record.EndedAt, LeastBar);
            if (record.FirstTokenAt is { } first)
                Bar(decodes, x, y, first, record.EndedAt, LeastBar);
            if (!record.IsCompleted)
                Cross(unserved, x.Place(record.EndedAt.TotalSeconds), y);
            if (rowHeight == LabelRowHeight)
                canvas.Text("te", PlotFrame.Left - 5, y + 4, Shorten(record.Request.Id));
        }

        canvas.Path("wait", Width(rowHeight * 0.25), waits.ToString(), "waiting");
        canvas.Path("decode", Width(rowHeight * 0.5), decodes.ToString(), "decode");
        canvas.Path("prefill", Width(rowHeight * 0.85), prefills.ToString(), "prefill");
        canvas.Path("unserved", "", unserved.ToString(), "not served");
        return canvas.Close();
    }

    private static void Bar(StringBuilder data, Axis x, double y, TimeSpan from, TimeSpan to, double least = 0.3)
    {
        double start = x.Place(from.TotalSeconds), length = x.Place(to.TotalSeconds) - start;
        if (to > from)
            data.Append($"M{SvgCanvas.Number(start)} {SvgCanvas.Number(y)}h{SvgCanvas.Number(Math.Max(least, length))}");
    }

    private static void Cross(StringBuilder data, double x, double y) =>
        data.Append($"M{SvgCanvas.Number(x - 2)} {SvgCanvas.Number(y - 2)}l4 4m0 -4l-4 4");

    private static string Width(double width) => $"stroke-width:{SvgCanvas.Number(Math.Max(0.4, width))}";

    private static string Shorten(string id) => id.Length <= LongestLabel ? id : id[..(LongestLabel - 1)] + "…";

    private static string Describe(PolicyRun run, IReadOnlyList<int> rows)
    {
        RequestRecord[] records = [.. rows.Select(row => run.Result.Records[row])];
        double[] waits = [.. records.Select(record => ((record.AdmittedAt ?? record.EndedAt) - record.Request.ArrivedAt).TotalSeconds).Order()];
        return $"{run.Name}: {records.Length} requests by arrival; they waited {DurationText.Seconds(waits[waits.Length / 2])} s in the median and {DurationText.Seconds(waits[^1])} s at most; "
            + $"{records.Count(record => !record.IsCompleted)} not served, {records.Count(record => record.Preemptions > 0)} preempted.";
    }
}
