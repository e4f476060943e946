using System.Globalization;
using System.Text;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Waiting and running requests of one policy over time; the axes are the same for every policy.</summary>
internal static class QueueChart
{
    private const int Columns = 280;
    private const double Top = 18, Middle = 130, RunningTop = 150, Bottom = 206, Height = 226;

    /// <summary>Draws one policy's chart, up to <paramref name="seconds"/>, <paramref name="waiting"/> and <paramref name="running"/>.</summary>
    public static string Draw(PolicyRun run, double seconds, int waiting, int running)
    {
        QueueSample[] highest = Highest(run.Result, seconds);
        var canvas = new SvgCanvas(PlotFrame.Width, Height,
            $"{run.Name}: at most {highest.Max(sample => sample.Waiting)} requests waiting and {highest.Max(sample => sample.Running)} running, over {DurationText.Span(seconds)}.");
        Axis x = Axis.Time(0, seconds, PlotFrame.Left, PlotFrame.Right);
        Axis up = Axis.Count(waiting, Middle, Top), low = Axis.Count(running, Bottom, RunningTop);
        PlotFrame.Across(canvas, x, Top, Bottom, DurationText.Tick);
        PlotFrame.Up(canvas, up, Whole);
        PlotFrame.Up(canvas, low, Whole);
        canvas.Path("wait-area", "", Area(highest, sample => sample.Waiting, x, up, Middle), "waiting");
        canvas.Path("run-area", "", Area(highest, sample => sample.Running, x, low, Bottom), "running");
        canvas.Text("ts", PlotFrame.Left + 4, Top - 5, "waiting");
        canvas.Text("ts", PlotFrame.Left + 4, RunningTop - 5, "running");
        return canvas.Close();
    }

    /// <summary>The largest figures of each column of the chart; between samples the last one holds, and an idle engine has none.</summary>
    private static QueueSample[] Highest(ReplayResult result, double seconds)
    {
        QueueSample[] samples = [.. result.Samples.Concat(IdleMoments.Of(result.Records)).OrderBy(sample => sample.At)];
        var columns = new QueueSample[Columns];
        var held = new QueueSample();
        for (int column = 0, next = 0; column < Columns; column++)
        {
            double end = seconds * (column + 1) / Columns;
            var most = held with { At = TimeSpan.FromSeconds(seconds * column / Columns) };
            for (; next < samples.Length && (samples[next].At.TotalSeconds < end || column == Columns - 1); next++)
            {
                held = samples[next];
                most = most with { Waiting = Math.Max(most.Waiting, held.Waiting), Running = Math.Max(most.Running, held.Running) };
            }

            columns[column] = most;
        }

        return columns;
    }

    private static string Area(QueueSample[] samples, Func<QueueSample, int> count, Axis x, Axis y, double floor)
    {
        var data = new StringBuilder($"M{SvgCanvas.Number(PlotFrame.Left)} {SvgCanvas.Number(floor)}");
        foreach (QueueSample sample in samples)
            data.Append($"H{SvgCanvas.Number(x.Place(sample.At.TotalSeconds))}V{SvgCanvas.Number(y.Place(count(sample)))}");
        return data.Append($"H{SvgCanvas.Number(PlotFrame.Right)}V{SvgCanvas.Number(floor)}Z").ToString();
    }

    private static string Whole(double count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
