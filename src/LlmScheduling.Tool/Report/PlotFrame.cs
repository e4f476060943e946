namespace LlmScheduling.Tool;

/// <summary>A chart's axes, grid and labels. Narrow on purpose: at phone width its text is still readable.</summary>
internal static class PlotFrame
{
    /// <summary>Width of every chart.</summary>
    public const double Width = 420;

    /// <summary>Where the plot begins.</summary>
    public const double Left = 46;

    /// <summary>Where the plot ends.</summary>
    public const double Right = 410;

    /// <summary>Draws labelled lines at the ticks of a horizontal axis, over the height of the plot.</summary>
    public static void Across(SvgCanvas canvas, Axis axis, double top, double bottom, Func<double, string> label)
    {
        foreach (double tick in axis.Ticks)
        {
            double x = axis.Place(tick);
            canvas.Line("g", x, top, x, bottom);
            canvas.Text(x > Right - 16 ? "te" : "tm", x > Right - 16 ? Right + 6 : x, bottom + 14, label(tick));
        }
    }

    /// <summary>Draws labelled lines at the ticks of a vertical axis, over the width of the plot.</summary>
    public static void Up(SvgCanvas canvas, Axis axis, Func<double, string> label)
    {
        foreach (double tick in axis.Ticks)
        {
            double y = axis.Place(tick);
            canvas.Line("g", Left, y, Right, y);
            canvas.Text("te", Left - 5, y + 4, label(tick));
        }
    }
}
