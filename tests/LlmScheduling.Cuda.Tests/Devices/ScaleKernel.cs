using System.Runtime.InteropServices;

namespace LlmScheduling.Cuda.Tests;

/// <summary>The kernel of scale.cpp: its parameters, and a text that the stand-in takes for its PTX.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScaleKernel(ulong Values, int Count, int Factor)
{
    public const string Entry = "scale";

    public static ReadOnlySpan<byte> Ptx => ".version 6.0\n.target sm_70\n.visible .entry scale(.param .align 8 .b8 scale_param_0[16])\n\0"u8;
}
