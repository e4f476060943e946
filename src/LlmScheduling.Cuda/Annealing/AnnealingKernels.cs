namespace LlmScheduling;

/// <summary>The annealing kernels as PTX, which ships inside this assembly and which the driver compiles for its device.</summary>
internal static class AnnealingKernels
{
    /// <summary>The text and a zero behind it, as the driver wants it.</summary>
    public static byte[] Read()
    {
        using Stream resource = typeof(AnnealingKernels).Assembly.GetManifestResourceStream("annealing.ptx")!;
        byte[] text = new byte[resource.Length + 1];
        resource.ReadExactly(text.AsSpan(0, (int)resource.Length));
        return text;
    }
}
