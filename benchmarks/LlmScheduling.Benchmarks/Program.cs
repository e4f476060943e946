using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using LlmScheduling.Benchmarks;

// --save FOLDER also writes each table, with machine, commit and command, to FOLDER; the rest is BenchmarkDotNet's.
int at = Array.IndexOf(args, "--save");
string? folder = at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
string[] rest = folder is null ? args : [.. args[..at], .. args[(at + 2)..]];
IConfig config = MeasurementConfig.Create(folder, args);
return BenchmarkSwitcher.FromAssembly(typeof(MeasurementConfig).Assembly).Run(rest, config).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
