using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using LlmScheduling.Benchmarks;

// --save FOLDER also writes each table, with machine, commit and command, to FOLDER; --thread-time counts a thread's time on a
// processor, for benchmarks of one thread on a machine that does other work. The rest is BenchmarkDotNet's. endpoint-latency
// alone measures HTTP requests instead.
if (args is ["endpoint-latency"])
{
    await EndpointLatency.RunAsync();
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
