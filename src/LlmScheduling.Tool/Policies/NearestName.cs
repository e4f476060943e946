namespace LlmScheduling.Tool;

/// <summary>Which known name somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The name with the fewest letters to insert, drop or change; the first of equals.</summary>
    public static string Of(string text, IEnumerable<string> names) => names.MinBy(name => Distance(text, name))!;

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
