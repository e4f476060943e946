using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using LlmScheduling.Benchmarks;

// --save FOLDER also writes each table, with machine, commit and command, to FOLDER; --thread-time counts a thread's time on a
// processor, for benchmarks of one thread on a machine that does other work. The rest is BenchmarkDotNet's. endpoint-latency
// alone measures HTTP requests instead, gateway-latency those through the sample gateway; online-ranking FOLDER SEED NAME... what is
// learnt on line; online-start FOLDER SEED FROM TO [FROM TO]... the same from a trained file; length-coverage FOLDER SEED
// train|try|dev FROM TO [FROM TO]... how far predicted lengths can be trusted when traffic changes; annealing SEED the annealer
// beside the published one; and annealing-uncertain rate|worth|chains SEED annealing over sampled output lengths.
if (args is ["endpoint-latency"])
{
    await EndpointLatency.RunAsync();
    return 0;
}

if (args is ["gateway-latency"])
{
    await GatewayLatency.RunAsync();
    return 0;
}

#if ONNX_RUNTIME
if (args is ["annealing-uncertain", "rate" or "worth" or "chains", var uncertainSeed])
{
    UncertainAnnealing.Run(args[1], int.Parse(uncertainSeed, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["onnx-ranker"])
{
    await OnnxRankerOverhead.RunAsync();
    return 0;
}
#endif

if (args is ["online-ranking", var lengths, var seed, .. var names])
{
    OnlineRanking.Run(lengths, names, ulong.Parse(seed, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["annealing", var annealingSeed])
{
    AnnealingTables.Run(int.Parse(annealingSeed, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["online-start", var startSets, var startSeed, .. var fromAndTo])
{
    OnlineRanking.RunStarts(startSets, [.. fromAndTo.Chunk(2).Select(pair => (pair[0], pair[1]))], ulong.Parse(startSeed, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["length-coverage", var sets, var coverageSeed, var part and ("train" or "try" or "dev"), .. var pairs])
{
    (string, string)[] changes = [.. pairs.Chunk(2).Select(pair => (pair[0], pair[1]))];
    LengthCoverage.Run(sets, changes, ulong.Parse(coverageSeed, System.Globalization.CultureInfo.InvariantCulture), part == "dev", part == "try");
    return 0;
}

var rest = args.ToList();
int at = rest.IndexOf("--save");
string? folder = at >= 0 && at + 1 < rest.Count ? rest[at + 1] : null;
if (folder is not null)
    rest.RemoveRange(at, 2);
bool byThreadTime = rest.Remove("--thread-time");
IConfig config = MeasurementConfig.Create(folder, byThreadTime, args);
return BenchmarkSwitcher.FromAssembly(typeof(MeasurementConfig).Assembly).Run([.. rest], config).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
