using System.Globalization;
using System.Text.Json;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Reads the problem of <c>llmsched anneal</c> from JSON.</summary>
internal static class AnnealFile
{
    /// <summary>The most jobs of a file.</summary>
    public const int MostJobs = 10_000;

    private const int MostTokens = 100_000_000, MostBatch = 4_096, MostSamples = 4_096, SamplesPerBlock = 32, MostTableEntries = 100_000_000;
    private const double MostMilliseconds = 1e12;

    private static readonly string[] Keys = ["max_batch", "latency", "jobs"];
    private static readonly string[] LatencyKeys = ["prefill_ms", "decode_ms"];
    private static readonly string[] LimitKeys = ["e2e_ms", "ttft_ms", "tpot_ms"];
    private static readonly string[] JobKeys = ["input_tokens", "output_tokens", .. LimitKeys, "sampled_output_tokens"];

    /// <summary>Reads a file and puts the bounds of the search with it.</summary>
    /// <exception cref="InputException">It cannot be read, or holds what is not allowed.</exception>
    public static AnnealingProblem Read(string path, Func<Stream> openInput, int mostJobs, long? evaluations, TimeSpan? time, ulong seed)
    {
        var fields = new JsonFields(path, "", JsonFile.Read(path, openInput), Keys);
        int maxBatch = fields.RequiredInteger("max_batch", 1, MostBatch);
        var latency = new JsonFields(path, "latency.", fields.Part("latency") ?? throw fields.Bad("latency", "an object with prefill_ms and decode_ms"), LatencyKeys);
        LatencyCoefficients prefill = Coefficients(latency, "prefill_ms"), decode = Coefficients(latency, "decode_ms");
        if (fields.Part("jobs") is not { Kind: JsonValueKind.Array } jobs || jobs.Members.Count == 0)
            throw fields.Bad("jobs", $"an array of 1 to {mostJobs} jobs");
        if (jobs.Members.Count > mostJobs)
            throw new InputException(path, jobs.Line, "jobs", $"{jobs.Members.Count} jobs", $"1 to {mostJobs} for this method");
        int largestBatch = Math.Min(maxBatch, jobs.Members.Count);
        (AnnealingJob Job, int[] Samples)[] all = [.. jobs.Members.Select(item => Job(path, item.Name, item.Value, largestBatch, prefill, decode))];
        return new AnnealingProblem
        {
            Jobs = all.Select(item => item.Job).ToArray(),
            SampledOutputTokens = Samples(path, jobs, [.. all.Select(item => item.Samples)], largestBatch),
            Prefill = prefill,
            Decode = decode,
            MaxBatch = maxBatch,
            MaxEvaluations = evaluations,
            MaxTime = time,
            Seed = seed,
        };
    }

    private static LatencyCoefficients Coefficients(JsonFields latency, string name)
    {
        const string Allowed = "an array of four numbers a, b, c, d from -1e9 to 1e9";
        JsonPart? part = latency.Part(name);
        if (part is not { Kind: JsonValueKind.Array, Members.Count: 4 })
            throw latency.Bad(name, Allowed);
        double[] numbers = [.. part.Members.Select(item => Number(item.Value) is { } number && Math.Abs(number) <= 1e9 ? number : throw latency.Bad(name, Allowed))];
        return new LatencyCoefficients(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private static (AnnealingJob Job, int[] Samples) Job(string path, string index, JsonPart part, int largestBatch, LatencyCoefficients prefill, LatencyCoefficients decode)
    {
        var fields = new JsonFields(path, $"jobs{index}.", part, JobKeys);
        var job = new AnnealingJob(fields.RequiredInteger("input_tokens", 1, MostTokens), fields.RequiredInteger("output_tokens", 1, MostTokens))
        {
            EndToEndMilliseconds = Limit(fields, "e2e_ms"),
            FirstTokenMilliseconds = Limit(fields, "ttft_ms"),
            TokenMilliseconds = Limit(fields, "tpot_ms"),
        };
        if (!LimitKeys.Any(fields.Has))
            throw new InputException(path, part.Line, $"jobs{index}", "no limit", "one or more of e2e_ms, ttft_ms, tpot_ms");
        int[] samples = Samples(path, index, fields);
        foreach (int size in (int[])[1, largestBatch])
        {
            foreach (int output in (int[])[job.OutputTokens, .. samples])
            {
                double run = prefill.Milliseconds(size, job.InputTokens) + decode.SumOfSteps(size, job.InputTokens, output);
                if (!(run is > 0 and <= MostMilliseconds / MostJobs))
                    throw new InputException(path, part.Line, $"jobs{index}", string.Create(CultureInfo.InvariantCulture, $"a job that takes {run} ms in a batch of {size}"), "lengths and latency with which a job takes above 0 and at most 1e8 ms");
            }
        }

        return (job, samples);
    }

    private static int[] Samples(string path, string index, JsonFields fields)
    {
        const string Name = "sampled_output_tokens";
        if (!fields.Has(Name))
            return [];
        string allowed = $"an array of 1 to {MostSamples} whole numbers from 1 to {MostTokens}";
        if (fields.Part(Name) is not { Kind: JsonValueKind.Array } part)
            throw fields.Bad(Name, allowed);
        if (part.Members.Count is 0 or > MostSamples)
            throw new InputException(path, part.Line, $"jobs{index}.{Name}", $"{part.Members.Count} samples", allowed);
        return [.. part.Members.Select(item => Number(item.Value) is { } number && Math.Floor(number) == number && number is >= 1 and <= MostTokens
            ? (int)number
            : throw new InputException(path, item.Value.Line, $"jobs{index}.{Name}{item.Name}", item.Value.Found, $"a whole number from 1 to {MostTokens}"))];
    }

    /// <summary>The jobs' samples, scenario after scenario.</summary>
    private static int[] Samples(string path, JsonPart jobs, int[][] samples, int largestBatch)
    {
        int scenarios = samples[0].Length;
        int other = Array.FindIndex(samples, own => own.Length != scenarios);
        if (other >= 0)
            throw new InputException(path, jobs.Members[other].Value.Line, $"jobs[{other}].sampled_output_tokens", $"{samples[other].Length} samples", $"{scenarios}, as many as jobs[0] has");
        int padded = (scenarios + SamplesPerBlock - 1) / SamplesPerBlock * SamplesPerBlock;
        if ((long)samples.Length * largestBatch * padded > MostTableEntries)
            throw new InputException(path, jobs.Line, "jobs", $"{samples.Length} jobs with {scenarios} samples and batches of up to {largestBatch}", $"a product of at most {MostTableEntries}, samples rounded up to a multiple of {SamplesPerBlock}");
        int[] all = new int[scenarios * samples.Length];
        for (int i = 0; i < all.Length; i++)
            all[i] = samples[i % samples.Length][i / samples.Length];
        return all;
    }

    private static double Limit(JsonFields fields, string name)
    {
        if (!fields.Has(name))
            return double.PositiveInfinity;
        return Number(fields.Part(name)!) is { } limit and > 0 and <= MostMilliseconds ? limit : throw fields.Bad(name, "a number above 0 and at most 1e12");
    }

    private static double? Number(JsonPart part) =>
        part.Kind == JsonValueKind.Number && double.TryParse(part.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
