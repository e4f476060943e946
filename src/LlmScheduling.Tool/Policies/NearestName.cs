namespace LlmScheduling.Tool;

/// <summary>Which known name somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The name that <paramref name="text"/> begins, or that at most a third of its letters make of it by inserting, dropping or changing; null where none is so near.</summary>
    public static string? Of(string text, IReadOnlyList<string> names)
    {
        string nearest = names.MinBy(name => Distance(text, name))!;
        return Distance(text, nearest) <= Math.Max(1, text.Length / 3) ? nearest
            : text.Length > 0 ? names.FirstOrDefault(name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase))
            : null;
    }

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
