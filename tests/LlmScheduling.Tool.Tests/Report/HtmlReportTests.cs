using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LlmScheduling.Tool.Tests;

public sealed class HtmlReportTests
{
    [Fact]
    public async Task Report_Page_IsWellFormedAndLoadsNothing()
    {
        string page = await Page("burst:40");
        XDocument document = Parse(page);
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName is "script" or "link" or "img" or "iframe");
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Report_EveryDrawing_SaysWhatItShows()
    {
        XElement[] drawings = [.. Parse(await Page("poisson:9:300")).Descendants("figure").Elements("svg")];
        // Two distributions; per policy a queue, the busiest stretch and the whole run.
        Assert.Equal(2 + 2 * 3, drawings.Length);
        Assert.All(drawings, drawing => Assert.Equal("img", drawing.Attribute("role")?.Value));
        Assert.All(drawings, drawing => Assert.True(drawing.Attribute("aria-label")?.Value.Length > 20));
    }

    [Fact]
    public async Task Report_Coordinates_StayInsideTheDrawing()
    {
        foreach (XElement drawing in Parse(await Page("poisson:9:300")).Descendants("figure").Elements("svg"))
        {
            double[] box = [.. drawing.Attribute("viewBox")!.Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            foreach (string data in drawing.Elements("path").Select(path => path.Attribute("d")!.Value))
            {
                Assert.DoesNotContain("NaN", data, StringComparison.Ordinal);
                foreach (Match command in Regex.Matches(data, "([MHV])([-0-9.]+)(?: ([-0-9.]+))?"))
                {
                    double first = double.Parse(command.Groups[2].Value, CultureInfo.InvariantCulture);
                    Assert.InRange(first, 0, command.Groups[1].Value == "V" ? box[3] : box[2]);
                    if (command.Groups[3].Success)
                        Assert.InRange(double.Parse(command.Groups[3].Value, CultureInfo.InvariantCulture), 0, box[3]);
                }
            }
        }
    }

    [Fact]
    public async Task Report_TextFromFiles_IsEscaped()
    {
        using var tool = new ToolRun();
        tool.Write("a&b.csv", "id,arrival_us,input_tokens,output_tokens,slo_class\n\"<script>alert(1)</script>\",0,5,5,\"<b>&\"\n");
        tool.Write("engine.json", SimulateRun.Engine);
        Assert.Equal(ExitCode.Done, await tool.Run("simulate", "--trace", "a&b.csv", "--engine", "engine.json", "--policy", "fcfs", "--report", "page.html"));
        string page = tool.Read("page.html");
        XDocument document = Parse(page);
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName is "script" or "b");
        Assert.Contains("a&amp;b.csv", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;&amp;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfManyRequests_StaysSmall() => Assert.InRange((await Page("poisson:1:20000")).Length, 20_000, 400_000);

    [Fact]
    public async Task Report_NothingServed_IsStillAPage()
    {
        using var tool = new ToolRun();
        tool.Write("trace.csv", "arrival_us,input_tokens,output_tokens\n0,500,5\n");
        tool.Write("engine.json", """{"max_sequences": 1, "max_batch_tokens": 10, "kv_blocks": 1, "step_us": 1000}""");
        Assert.Equal(ExitCode.Done, await tool.Run("simulate", "--trace", "trace.csv", "--engine", "engine.json", "--policy", "fcfs", "--report", "page.html"));
        Parse(tool.Read("page.html"));
    }

    private static async Task<string> Page(string workload)
    {
        using var tool = new ToolRun();
        tool.Write("engine.json", SimulateRun.Engine);
        Assert.Equal(ExitCode.Done, await tool.Run("simulate", "--workload", workload, "--engine", "engine.json", "--policy", "fcfs", "--policy", "shortest-prompt-first", "--report", "page.html"));
        return tool.Read("page.html");
    }

    /// <summary>The page is written so that an XML reader understands it too, but for the elements that HTML leaves open.</summary>
    private static XDocument Parse(string page) =>
        XDocument.Parse(Regex.Replace(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal), "<meta ([^>]*)>", "<meta $1/>"));
}
