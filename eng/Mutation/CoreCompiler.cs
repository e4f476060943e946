using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace LlmScheduling.Mutation;

/// <summary>Compiles the core as its own build does, with one file changed.</summary>
internal sealed class CoreCompiler
{
    private readonly CSharpCompilation _original;

    private CoreCompiler(CSharpCompilation original) => _original = original;

    public static CoreCompiler Load(string project)
    {
        string json = Shell.Read("dotnet", "msbuild", project, "-p:Configuration=Release", "-t:Compile", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true", "-p:NonExistentFile=none", "-getItem:CscCommandLineArgs");
        string[] arguments = [.. JsonDocument.Parse(json).RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];
        string folder = Path.GetDirectoryName(project)!;
        CSharpCommandLineArguments parsed = CSharpCommandLineParser.Default.Parse(arguments, folder, sdkDirectory: null);
        var compilation = CSharpCompilation.Create(
            "LlmScheduling",
            parsed.SourceFiles.Select(file => CSharpSyntaxTree.ParseText(SourceText.From(File.ReadAllText(file.Path)), parsed.ParseOptions, file.Path)),
            parsed.MetadataReferences.Select(reference => MetadataReference.CreateFromFile(reference.Reference)),
            parsed.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Default).WithConcurrentBuild(false));
        var loader = new AnalyzerLoader();
        IEnumerable<ISourceGenerator> generators = parsed.AnalyzerReferences.Where(reference => reference.FilePath.Contains("microsoft.extensions.", StringComparison.Ordinal))
            .SelectMany(reference => new Microsoft.CodeAnalysis.Diagnostics.AnalyzerFileReference(reference.FilePath, loader).GetGenerators(LanguageNames.CSharp));
        CSharpGeneratorDriver.Create(generators, parseOptions: parsed.ParseOptions).RunGeneratorsAndUpdateCompilation(compilation, out Compilation generated, out _);
        var compiler = new CoreCompiler((CSharpCompilation)generated);
        string? error = compiler.Emit(compiler._original, Stream.Null);
        return error is null ? compiler : throw new InvalidOperationException($"The core as it stands does not compile here: {error}");
    }

    public IEnumerable<SyntaxTree> Trees => _original.SyntaxTrees;

    /// <summary>Writes the changed core to <paramref name="path"/>; returns the first error, null when it compiles.</summary>
    public string? Write(Mutant mutant, string path)
    {
        SourceText changed = mutant.Tree.GetText().WithChanges(new TextChange(mutant.Span, mutant.Replacement));
        using var stream = new MemoryStream();
        string? error = Emit(_original.ReplaceSyntaxTree(mutant.Tree, mutant.Tree.WithChangedText(changed)), stream);
        if (error is null)
            File.WriteAllBytes(path, stream.ToArray());
        return error;
    }

    private string? Emit(CSharpCompilation compilation, Stream stream) =>
        compilation.Emit(stream).Diagnostics.FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)?.ToString();

    private sealed class AnalyzerLoader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
