using System.Text;

namespace LlmScheduling.Simulation.Tests.Calibration;

/// <summary>Files that are given as standard input.</summary>
internal static class InputOf
{
    public static LatencyProfile Profile(string csv) => LatencyProfile.Read("-", () => new MemoryStream(Encoding.UTF8.GetBytes(csv)));

    public static RequestLog Log(string csv) => RequestLog.Read("-", () => new MemoryStream(Encoding.UTF8.GetBytes(csv)));
}
