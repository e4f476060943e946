using System.Globalization;
using System.Text;

namespace LlmScheduling.Tool;

/// <summary>What share of all requests were served within which time, one line per policy, on a logarithmic axis.</summary>
internal static class DistributionChart
{
    private const int Points = 160;
    private const double Top = 10, Bottom = 226, Height = 262;

    /// <summary>Draws <paramref name="series"/>: a name and the times in seconds of those requests that have one, out of <paramref name="requests"/>.</summary>
    public static string Draw(string measure, IReadOnlyList<(string Name, double[] Seconds)> series, int requests)
    {
        foreach ((_, double[] seconds) in series)
            Array.Sort(seconds);
        double[] known = [.. series.SelectMany(one => one.Seconds).Where(seconds => seconds > 0)];
        Axis x = Axis.Decades(known.Length > 0 ? known.Min() : 0.1, known.Length > 0 ? known.Max() : 1, PlotFrame.Left, PlotFrame.Right);
        Axis y = Axis.Share(Bottom, Top);
        var canvas = new SvgCanvas(PlotFrame.Width, Height, $"{measure}, cumulative. " + string.Join(" ", series.Select(one => Describe(one.Name, one.Seconds, requests))));
        PlotFrame.Across(canvas, x, Top, Bottom, DurationText.Decade);
        PlotFrame.Up(canvas, y, share => share.ToString("0 %", CultureInfo.InvariantCulture));
        for (int i = 0; i < series.Count; i++)
            canvas.Path("s", SeriesStyle.Of(i), Steps(series[i].Seconds, requests, x, y), Describe(series[i].Name, series[i].Seconds, requests));
        canvas.Text("tm", (PlotFrame.Left + PlotFrame.Right) / 2, Bottom + 31, measure + " (logarithmic)");
        return canvas.Close();
    }

    private static string Steps(double[] sorted, int requests, Axis x, Axis y)
    {
        if (sorted.Length == 0)
            return "";
        var data = new StringBuilder($"M{SvgCanvas.Number(x.Place(sorted[0]))} {SvgCanvas.Number(y.Place(0))}");
        int points = Math.Min(Points, sorted.Length);
        for (int point = 1; point <= points; point++)
        {
            int count = (int)((long)point * sorted.Length / points);
            data.Append($"H{SvgCanvas.Number(x.Place(sorted[count - 1]))}V{SvgCanvas.Number(y.Place((double)count / requests))}");
        }

        return data.ToString();
    }

    private static string Describe(string name, double[] sorted, int requests) => sorted.Length == 0
        ? $"{name}: none."
        : $"{name}: median {DurationText.Seconds(At(sorted, 0.5))} s, 90 % within {DurationText.Seconds(At(sorted, 0.9))} s, 99 % within {DurationText.Seconds(At(sorted, 0.99))} s"
            + (sorted.Length == requests ? "." : $", {requests - sorted.Length} not served.");

    private static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
