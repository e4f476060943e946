namespace LlmScheduling.Tool;

/// <summary>Breaks text between words at the width of the table, under a hanging indent.</summary>
internal static class WrappedText
{
    /// <summary>Writes <paramref name="lead"/> and beside it <paramref name="text"/>.</summary>
    public static void Write(ToolHost host, string lead, string text)
    {
        string line = lead;
        bool isStart = true;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isStart && line.Length + 1 + word.Length > host.Width)
            {
                host.Output.WriteLine(line);
                (line, isStart) = (new string(' ', lead.Length), true);
            }

            line += isStart ? word : " " + word;
            isStart = false;
        }

        host.Output.WriteLine(line);
    }
}
