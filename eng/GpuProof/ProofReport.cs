using System.Globalization;

namespace LlmScheduling.GpuProof;

/// <summary>Markdown of what was claimed and what was seen, written as it comes.</summary>
internal sealed class ProofReport(TextWriter output)
{
    private readonly List<(Verdict Verdict, string Claim)> _claims = [];
    private int _written;

    /// <summary>0: all was shown. 1: something was refuted. 3: something could not be looked at.</summary>
    public int ExitCode => _claims.Exists(claim => claim.Verdict == Verdict.Refuted) ? 1 : _claims.Exists(claim => claim.Verdict == Verdict.NotShown) ? 3 : 0;

    public void Section(string title) => output.WriteLine($"\n## {title}\n");

    public void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    public void Table(params string[] columns)
    {
        output.WriteLine($"| {string.Join(" | ", columns)} |");
        output.WriteLine($"|{string.Concat(columns.Select((_, i) => i == 0 ? "---|" : "---:|"))}");
    }

    public void Row(params FormattableString[] cells) => output.WriteLine($"| {string.Join(" | ", cells.Select(cell => cell.ToString(CultureInfo.InvariantCulture)))} |");

    /// <summary>Says whether a claim held.</summary>
    public void Claim(bool holds, FormattableString claim) => Add(holds ? Verdict.Shown : Verdict.Refuted, claim.ToString(CultureInfo.InvariantCulture));

    /// <summary>Says that a claim could not be looked at, and why.</summary>
    public void NotShown(string claim, string reason) => Add(Verdict.NotShown, $"{claim}: {reason.ReplaceLineEndings(" ")}");

    /// <summary>Runs one part; what it throws refutes it, and the others still run.</summary>
    public async Task PartAsync(string title, Func<Task> part)
    {
        Section(title);
        try
        {
            await part();
        }
        catch (Exception problem)
        {
            Add(Verdict.Refuted, $"{title} runs to its end: {problem.GetType().Name}: {problem.Message.ReplaceLineEndings(" ")}");
            await Console.Error.WriteLineAsync(problem.ToString());
        }

        output.WriteLine();
        // Not where they are made: that would cut tables in two.
        for (; _written < _claims.Count; _written++)
            WriteClaim(_claims[_written]);
    }

    public void Summary()
    {
        Section("Claims");
        _claims.ForEach(WriteClaim);
        output.WriteLine($"\n{_claims.Count(claim => claim.Verdict == Verdict.Shown)} shown, {_claims.Count(claim => claim.Verdict == Verdict.Refuted)} refuted, {_claims.Count(claim => claim.Verdict == Verdict.NotShown)} not shown");
    }

    private void Add(Verdict verdict, string claim) => _claims.Add((verdict, claim));

    private void WriteClaim((Verdict Verdict, string Claim) claim)
    {
        string word = claim.Verdict switch
        {
            Verdict.Shown => "shown",
            Verdict.Refuted => "**refuted**",
            _ => "**not shown**",
        };
        output.WriteLine($"- {word}: {claim.Claim}");
    }
}
