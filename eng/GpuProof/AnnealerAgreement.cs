namespace LlmScheduling.GpuProof;

/// <summary>Schedules of the card against those of the same kernel compiled for the host, number by number.</summary>
internal static class AnnealerAgreement
{
    // Requests, largest batch, scenarios, evaluations: what fits into shared memory, and what does not.
    private static readonly (int Jobs, int MaxBatch, int Scenarios, long Evaluations)[] Cases =
        [(16, 4, 32, 100_000), (40, 1, 33, 100_000), (60, 8, 256, 100_000), (200, 4, 256, 200_000), (200, 32, 256, 100_000), (300, 16, 1_000, 100_000)];

    public static Task RunAsync(ProofReport report, bool isSmall)
    {
        foreach (CudaDevice device in CudaDevice.All(out _))
            report.Line($"{device}, {device.FreeMemoryBytes() >> 20} MiB free, CUDA {device.DriverVersion}\n");
        string? whyNot = Annealers.StandIn is null ? "the stand-in driver was not packed, since there was no C++ compiler" : Annealers.WhyNoDevice;
        if (Annealers.StandIn is not { } standIn)
        {
            report.NotShown("the card finds bit for bit what the kernel finds on the host", whyNot!);
            return Task.CompletedTask;
        }

        using CudaAnnealer onHost = Annealers.Open(standIn);
        using CudaAnnealer onCard = Annealers.Open(null);
        report.Table("requests", "largest batch", "scenarios", "evaluations", "G on the host", "G on the card", "equal");
        int equal = 0;
        bool areOnDevice = true;
        (int Jobs, int MaxBatch, int Scenarios, long Evaluations)[] cases = isSmall || whyNot is not null ? Cases[..2] : Cases;
        foreach ((int jobs, int maxBatch, int scenarios, long evaluations) in cases)
        {
            AnnealingProblem problem = UncertainProblems.Draw(jobs, maxBatch, "medium", scenarios, seed: jobs, sample: jobs + 1, evaluations: evaluations);
            AnnealingSchedule host = UncertainProblems.Solve(onHost, problem), card = UncertainProblems.Solve(onCard, problem);
            areOnDevice &= onHost.CpuReason is null && onCard.CpuReason is null;
            bool isEqual = host.Order.SequenceEqual(card.Order) && host.BatchSizes.SequenceEqual(card.BatchSizes) && host.MetPerSecond.Equals(card.MetPerSecond);
            equal += isEqual ? 1 : 0;
            report.Row($"{jobs}", $"{maxBatch}", $"{scenarios}", $"{evaluations}", $"{host.MetPerSecond:r}", onCard.CpuReason is null ? $"{card.MetPerSecond:r}" : (FormattableString)$"({card.MetPerSecond:r} on the CPU)", onCard.CpuReason is null ? $"{(isEqual ? "yes" : "NO")}" : (FormattableString)$"not shown");
        }

        if (whyNot is not null)
            report.NotShown("the card finds bit for bit what the kernel finds on the host", whyNot);
        else
            report.Claim(areOnDevice && equal == cases.Length, $"the card finds bit for bit what the kernel finds on the host in {equal} of {cases.Length} problems{(onCard.CpuReason is { } reason ? $"; it fell back: {reason}" : "")}");
        return Task.CompletedTask;
    }
}
