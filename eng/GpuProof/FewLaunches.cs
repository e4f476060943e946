namespace LlmScheduling.GpuProof;

/// <summary>Little work that touches all of the annealer's memory on the device, in shared memory and outside: what compute-sanitizer, which slows everything, is run over.</summary>
internal static class FewLaunches
{
    /// <summary>Whether it ran on the card.</summary>
    public static bool Run()
    {
        using CudaAnnealer annealer = Annealers.Open(null);
        bool ran = true;
        foreach ((int jobs, int maxBatch, int scenarios) in new[] { (16, 4, 32), (40, 8, 100), (200, 16, 256) })
        {
            UncertainProblems.Solve(annealer, UncertainProblems.Draw(jobs, maxBatch, "medium", scenarios, seed: 1, sample: 2, evaluations: DeviceChoice.LeastEvaluations));
            ran &= annealer.CpuReason is null;
        }

        return ran;
    }
}
