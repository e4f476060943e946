// Mutation tests of the core. See CONTRIBUTING.md, "Mutation tests"; from the repository's root:
//   dotnet run -c Release --project eng/Mutation -- [FILE.jsonl] [--sample N] [--seed S] [--files REGEX] [--again survived]
// Appends a line per mutant to FILE (default artifacts/mutation.jsonl), leaves out what is there already, and prints the table. N = 0 tries every mutant.
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using LlmScheduling.Mutation;

const string Project = "src/LlmScheduling/LlmScheduling.csproj";
string root = Directory.GetCurrentDirectory(), core = Path.Combine(root, "src/LlmScheduling");
string results = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "artifacts/mutation.jsonl";
int sample = int.Parse(Option("--sample", "300")), seed = int.Parse(Option("--seed", "1"));
var files = new Regex(Option("--files", "^(Policies|Batching|Stacks)/"));
var json = new JsonSerializerOptions { Converters = { new JsonStringEnumConverter() } };

if (!File.Exists(Path.Combine(root, Project)))
    throw new InvalidOperationException("Run this from the repository's root.");
foreach (string tests in new[] { "LlmScheduling.Tests", "LlmScheduling.Testing.Tests" })
    Shell.Read("dotnet", "build", $"tests/{tests}", "-c", "Release", "-v", "q", "-nologo");

string scratch = Directory.CreateTempSubdirectory("mutation-").FullName;
try
{
    CoreCompiler compiler = CoreCompiler.Load(Path.Combine(root, Project));
    var stages = new Stages(Tests("LlmScheduling.Tests"), Tests("LlmScheduling.Testing.Tests"), Path.Combine(root, "tests/LlmScheduling.Tests"));
    stages.CheckSoundCore();
    Mutant[] all = [.. compiler.Trees.Where(tree => Path.IsPathRooted(tree.FilePath))
        .Select(tree => (Tree: tree, File: Path.GetRelativePath(core, tree.FilePath)))
        .Where(it => files.IsMatch(it.File)).OrderBy(it => it.File, StringComparer.Ordinal)
        .SelectMany(it => Mutations.Of(it.File, it.Tree)).DistinctBy(mutant => mutant.Id)];
    Mutant[] chosen = [.. all];
    new Random(seed).Shuffle(chosen);
    if (sample > 0)
        chosen = chosen[..Math.Min(sample, chosen.Length)];

    Dictionary<string, Finding> known = File.Exists(results) ? File.ReadLines(results).Select(line => JsonSerializer.Deserialize<Finding>(line, json)!).GroupBy(finding => finding.Mutant).ToDictionary(group => group.Key, group => group.Last()) : [];
    bool again = Option("--again", "") == "survived";
    if (again)
        chosen = [.. chosen.Where(mutant => known.TryGetValue(mutant.Id, out Finding? before) && before.Verdict == Verdict.Survived)];
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(results))!);
    string changed = Path.Combine(scratch, TestProgram.Core);
    int done = 0;
    foreach (Mutant mutant in chosen)
    {
        done++;
        if (!again && known.ContainsKey(mutant.Id))
            continue;
        (Verdict verdict, string stage, string detail) = compiler.Write(mutant, changed) is { } error ? (Verdict.NotCompiled, "", error) : stages.Try(mutant, changed);
        var finding = new Finding(mutant.Id, mutant.Rule, verdict, stage, detail);
        known[mutant.Id] = finding;
        File.AppendAllText(results, JsonSerializer.Serialize(finding, json) + "\n");
        Console.WriteLine($"{done}/{chosen.Length} {verdict}: {mutant.Id} {stage} {detail}");
    }

    Console.WriteLine();
    Console.Write(Report.Of([.. chosen.Where(mutant => known.ContainsKey(mutant.Id)).Select(mutant => known[mutant.Id])], all.Length));
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

TestProgram Tests(string name) => new(Path.Combine(root, "tests", name, "bin/Release/net10.0"), name, scratch);

string Option(string name, string otherwise) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
