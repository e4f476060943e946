namespace LlmScheduling.Simulation;

/// <summary>Finds the names that somebody probably meant.</summary>
internal static class NearNames
{
    /// <summary>Those of <paramref name="names"/> that few edits or a shared beginning make of <paramref name="found"/>, nearest first; all of them where none is near.</summary>
    public static string List(string found, IEnumerable<string> names)
    {
        string[] all = [.. names];
        string[] near = [.. all
            .Select(name => (Name: name, Edits: Edits(found, name)))
            .Where(near => near.Edits <= Math.Max(2, near.Name.Length / 3) || near.Name.StartsWith(found, StringComparison.OrdinalIgnoreCase))
            .OrderBy(near => near.Edits)
            .ThenBy(near => near.Name, StringComparer.Ordinal)
            .Take(3)
            .Select(near => near.Name)];
        return near.Length > 0 ? string.Join(" or ", near) : string.Join(", ", all);
    }

    // Levenshtein's distance without regard to case, one row at a time.
    private static int Edits(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(diagonal + change, 1 + Math.Min(row[j], row[j - 1])));
            }
        }

        return row[b.Length];
    }
}
