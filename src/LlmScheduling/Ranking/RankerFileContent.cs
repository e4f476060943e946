namespace LlmScheduling;

/// <summary>Reads the whole of a ranker's or a learner's file, and no more than either ever has.</summary>
internal static class RankerFileContent
{
    private const int MostBytes = 64 << 20;

    /// <param name="stream">Read to its end.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="allowed">What it should have been.</param>
    /// <exception cref="InputException">There is more of it.</exception>
    public static byte[] Read(Stream stream, string name, string allowed)
    {
        using var content = new MemoryStream();
        byte[] part = new byte[1 << 16];
        int read;
        while ((read = stream.Read(part)) > 0)
        {
            content.Write(part, 0, read);
            if (content.Length > MostBytes)
                throw new InputException(name, null, null, "a file that is too large", allowed);
        }

        return content.ToArray();
    }
}
