namespace LlmScheduling.Mutation;

/// <summary>A line of the results file.</summary>
internal sealed record Finding(string Mutant, string Rule, Verdict Verdict, string Stage, string Detail)
{
    public string Folder => Mutant.Split('/')[0];
}
