namespace LlmScheduling.Simulation;

/// <summary>Opens what a person named: a file, a <c>.gz</c> file, or <c>-</c> for standard input, packed or not; every failure to read is an <see cref="InputException"/>.</summary>
internal static class InputFile
{
    public const string StandardInput = "-";

    /// <summary>Reads with <paramref name="read"/>; what breaks while reading names <paramref name="path"/> too.</summary>
    public static T Read<T>(string path, Func<Stream>? openStandardInput, Func<Stream, T> read)
    {
        try
        {
            using Stream stream = path == StandardInput ? (openStandardInput ?? Console.OpenStandardInput)() : File.OpenRead(path);
            bool isPacked = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            if (!isPacked && path != StandardInput)
                return read(stream);

            // A pipe has no name to go by: what is packed begins as gzip does, and no text does.
            byte[] content = Content(stream);
            using MemoryStream unpacked = isPacked || GzipFile.IsGzip(content) ? GzipFile.Unpack(content) : new MemoryStream(content, writable: false);
            return read(unpacked);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(path, null, null, "no such file", "a file that can be read");
        }
        catch (InvalidDataException fault)
        {
            throw new InputException(path, null, null, $"damaged or cut-off gzip data ({fault.Message.TrimEnd('.')})", "a whole gzip file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException(path, null, null, Directory.Exists(path) ? "a folder" : "a file that may not be read", "a file that can be read");
        }
        catch (Exception fault) when (fault is IOException or ArgumentException { ParamName: "path" })
        {
            throw new InputException(path, null, null, fault.Message.TrimEnd('.'), "a file that can be read");
        }
    }

    /// <summary>The whole content.</summary>
    public static byte[] ReadAllBytes(string path, Func<Stream>? openStandardInput = null) => Read(path, openStandardInput, Content);

    private static byte[] Content(Stream stream)
    {
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
