using LlmScheduling.GpuProof;

// GpuProof report [--small] [--trained FOLDER]: all claims, as Markdown. GpuProof ranker, GpuProof annealer: a little
// work of one part on CUDA, for compute-sanitizer.
// Exit code 0: all shown; 1: something refuted; 2: bad usage; 3: something could not be looked at.
string? trained = Array.IndexOf(args, "--trained") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
bool isSmall = args.Contains("--small");
switch (args.FirstOrDefault())
{
    case "report":
        var report = new ProofReport(Console.Out);
        await report.PartAsync("Ranker: scores", () => RankerAgreement.RunAsync(report, isSmall));
        await report.PartAsync("Ranker: providers", () => ProviderAssignments.RunAsync(report, isSmall));
        await report.PartAsync("Ranker: throughput", () => RankerThroughput.RunAsync(report, isSmall));
        await report.PartAsync("Ranker: from training to scores", () => TrainedModel.RunAsync(report, trained));
        await report.PartAsync("Annealer: the card against the host", () => AnnealerAgreement.RunAsync(report, isSmall));
        await report.PartAsync("Annealer: against one core", () => AnnealerSpeed.RunAsync(report, isSmall));
        report.Summary();
        return report.ExitCode;
    case "ranker":
        return await FewBatches.RunAsync() ? 0 : 3;
    case "annealer":
        return FewLaunches.Run() ? 0 : 3;
    default:
        await Console.Error.WriteLineAsync("usage: GpuProof report [--small] [--trained FOLDER] | GpuProof ranker | GpuProof annealer");
        return 2;
}
