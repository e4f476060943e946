// Checks what `dotnet pack` made: every project under src has a package with its assembly, XML docs, readme, licence,
// description and symbols. Usage: dotnet run eng/CheckPackages.cs -- FOLDER (from the repository's root).
#:property PublishAot=false

using System.IO.Compression;
using System.Xml.Linq;

string folder = args.Length == 1 ? args[0] : throw new ArgumentException("Give the folder of the packages.");
var problems = new List<string>();
string[] projects = Directory.GetFiles("src", "*.csproj", SearchOption.AllDirectories);
foreach (string project in projects.Order(StringComparer.Ordinal))
    Check(project);

if (projects.Length == 0)
    problems.Add("There is no project under src.");
foreach (string problem in problems)
    Console.Error.WriteLine(problem);
return problems.Count == 0 ? 0 : 1;

void Check(string project)
{
    string name = Path.GetFileNameWithoutExtension(project);
    string assembly = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? name;
    string[] found = Directory.Exists(folder) ? Directory.GetFiles(folder, $"{name}.?.*.nupkg") : [];
    if (found.Length != 1)
    {
        problems.Add($"{name}: {found.Length} packages in {folder}, expected 1.");
        return;
    }

    using ZipArchive package = ZipFile.OpenRead(found[0]);
    Need(package, name, "README.md", "LICENSE", $"{assembly}.dll", $"{assembly}.xml");
    using (Stream stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open())
    {
        XElement metadata = XDocument.Load(stream).Root!.Elements().First();
        foreach ((string element, string? value) in new[] { ("description", null), ("license", "MIT"), ("readme", "README.md"), ("tags", null), ("version", null) })
        {
            string text = metadata.Elements().FirstOrDefault(e => e.Name.LocalName == element)?.Value ?? "";
            if (text.Length == 0 || text == "Package Description" || (value is not null && text != value))
                problems.Add($"{name}: the package's {element} is '{text}'.");
        }
    }

    string symbols = Path.ChangeExtension(found[0], ".snupkg");
    if (!File.Exists(symbols))
    {
        problems.Add($"{name}: no symbol package.");
        return;
    }

    using ZipArchive symbolPackage = ZipFile.OpenRead(symbols);
    Need(symbolPackage, name, $"{assembly}.pdb");
    Console.WriteLine($"{Path.GetFileName(found[0])}: {new FileInfo(found[0]).Length / 1024} KiB, {package.Entries.Count} entries, symbols {new FileInfo(symbols).Length / 1024} KiB");
}

void Need(ZipArchive package, string name, params string[] files)
{
    foreach (string file in files)
    {
        if (!package.Entries.Any(entry => entry.Name == file && entry.Length > 0))
            problems.Add($"{name}: {file} is not in the package.");
    }
}
