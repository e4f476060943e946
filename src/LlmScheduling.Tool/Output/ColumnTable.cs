using Spectre.Console;

namespace LlmScheduling.Tool;

/// <summary>A table that never wraps: columns that do not fit the width go into further tables, each led by the first column.</summary>
internal static class ColumnTable
{
    private const int Gap = 2;

    /// <summary>Writes <paramref name="rows"/> under <paramref name="headings"/>; the first column stands left, the others right.</summary>
    public static void Write(ToolHost host, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max())];
        for (int next = 1; next < headings.Count;)
        {
            List<int> columns = [0];
            int width = widths[0];
            do
            {
                width += Gap + widths[next];
                columns.Add(next++);
            }
            while (next < headings.Count && width + Gap + widths[next] <= host.Width);
            Write(host, headings, rows, columns, width);
        }
    }

    private static void Write(ToolHost host, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows, List<int> columns, int width)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (int column in columns)
        {
            table.AddColumn(new TableColumn(new Text(headings[column], new Style(decoration: Decoration.Bold)))
            {
                Alignment = column == 0 ? Justify.Left : Justify.Right,
                NoWrap = true,
                Padding = new Padding(0, 0, column == columns[^1] ? 0 : Gap, 0),
            });
        }

        foreach (IReadOnlyList<string> row in rows)
            table.AddRow(columns.Select(column => new Text(row[column])));
        IAnsiConsole console = Terminal.Of(host.Output, host.IsOutputTerminal, width);
        console.Write(table);
        console.WriteLine();
    }
}
