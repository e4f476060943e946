using System.IO.Compression;
using System.Text;

namespace LlmScheduling.Simulation.Tests;

/// <summary>A folder of its own for one test; gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llmsched-tests-");

    public string Path => _folder.FullName;

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public static byte[] Packed(string content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal))
            stream.Write(Encoding.UTF8.GetBytes(content));
        return packed.ToArray();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
