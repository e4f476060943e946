using System.Globalization;
using System.Net;
using System.Text;

namespace LlmScheduling.Tool;

/// <summary>Writes one drawing. Text is escaped; sizes are in units of the view box, and the drawing is as wide as its place.</summary>
internal sealed class SvgCanvas
{
    private readonly StringBuilder _text = new();

    /// <summary>Starts a drawing that says <paramref name="label"/> to those who cannot see it.</summary>
    public SvgCanvas(double width, double height, string label) =>
        _text.Append($"<svg viewBox=\"0 0 {Number(width)} {Number(height)}\" role=\"img\" aria-label=\"{Escape(label)}\">");

    /// <summary>A straight line.</summary>
    public void Line(string style, double x1, double y1, double x2, double y2) =>
        _text.Append($"<line class=\"{style}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>");

    /// <summary>Text at a place; <paramref name="style"/> decides its alignment.</summary>
    public void Text(string style, double x, double y, string text) =>
        _text.Append($"<text class=\"{style}\" x=\"{Number(x)}\" y=\"{Number(y)}\">{Escape(text)}</text>");

    /// <summary>A path with a style sheet class, further declarations, and a title that shows under the pointer.</summary>
    public void Path(string style, string declarations, string data, string title)
    {
        if (data.Length == 0)
            return;
        _text.Append($"<path class=\"{style}\"");
        if (declarations.Length > 0)
            _text.Append($" style=\"{declarations}\"");
        _text.Append($" d=\"{data}\"><title>{Escape(title)}</title></path>");
    }

    /// <summary>Ends the drawing and returns it.</summary>
    public string Close() => _text.Append("</svg>").ToString();

    /// <summary>A coordinate with one decimal.</summary>
    public static string Number(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Makes text safe inside elements and attributes.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);
}
