using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>
/// Measured prefill and token times of one engine or several, by prompt length, batch and output length: what a latency model
/// is fitted to when no step was recorded. Immutable.
/// </summary>
public sealed class LatencyProfile
{
    private static readonly string[] Columns = ["prompt_tokens", "batch", "output_tokens", "prefill_ms", "tbt_ms"];

    private readonly IReadOnlyList<ProfileRow> _rows;
    private readonly IReadOnlyList<ProfileRow> _refused;

    private LatencyProfile(IReadOnlyList<ProfileRow> rows, IReadOnlyList<ProfileRow> refused) => (_rows, _refused) = (rows, refused);

    /// <summary>Runs that are used.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Runs that were left out because others contradict them.</summary>
    public int RowsRefused => _refused.Count;

    /// <summary>The engines, as <c>gpu/model/tp</c>, in the order of the file.</summary>
    public IReadOnlyList<string> Hardware => [.. _rows.Select(row => row.Hardware).Distinct()];

    /// <summary>
    /// The steps that were measured: per prompt length and batch a prefill, per output length besides a decode step; repeats as
    /// their median. Both kinds of one prompt length and batch share a group.
    /// </summary>
    public IReadOnlyList<LatencySample> Samples
    {
        get
        {
            List<LatencySample> samples = [];
            int group = 0;
            foreach (IGrouping<object, ProfileRow> runs in _rows.GroupBy(row => (object)row.PrefillConfiguration))
            {
                samples.Add(Median(runs.First().Prefill, runs.Select(row => row.PrefillSeconds), group));
                samples.AddRange(runs
                    .Where(row => row.HasTokenTime)
                    .GroupBy(row => row.OutputTokens)
                    .Select(repeats => Median(repeats.First().Decode, repeats.Select(row => row.TokenSeconds), group)));
                group++;
            }

            return samples;
        }
    }

    internal IReadOnlyList<ProfileRow> Rows => _rows;

    /// <summary>
    /// Reads a CSV file with the columns <c>prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms</c> and, where it holds several
    /// engines, <c>gpu,model,tp</c>. An end-to-end column is never read: where one exists it disagrees with the parts.
    /// </summary>
    /// <param name="path">A CSV file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
    /// <param name="openStandardInput">Opens standard input; null: that of the process.</param>
    /// <exception cref="InputException">The file cannot be read, has no rows, or a row breaks a rule.</exception>
    public static LatencyProfile Read(string path, Func<Stream>? openStandardInput = null) =>
        new(MeasurementFile.Read(path, openStandardInput, Columns, Row), []);

    /// <summary>The runs of one GPU, model and tensor-parallel degree; null for any.</summary>
    public LatencyProfile Of(string? gpu, string? model, int? tensorParallel) => Where(hardware =>
        hardware.Split('/') is var parts
        && (gpu is null || parts[0] == gpu)
        && (model is null || string.Join('/', parts[1..^1]) == model)
        && (tensorParallel is null || parts[^1] == tensorParallel.Value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The runs of one of <see cref="Hardware"/>.</summary>
    public LatencyProfile Of(string hardware) => Where(one => one == hardware);

    /// <summary>
    /// Leaves out faulty runs: those whose prefill took less than 0.7 of the time that a batch of no more and no longer prompts
    /// took on the same engine, or, where that one took over twice the engine's shortest, less than half as long per token beyond
    /// the shortest. Of two that contradict each other the one with more contradictions goes, then the larger.
    /// </summary>
    /// <param name="evidence">Further runs to compare with, which are not judged themselves; null: none.</param>
    public LatencyProfile WithoutContradictions(LatencyProfile? evidence = null)
    {
        HashSet<(string, int, int)> faulty = ContradictedRuns.Of(evidence is null ? _rows : [.. _rows, .. evidence._rows]);
        ILookup<bool, ProfileRow> isFaulty = _rows.ToLookup(row => faulty.Contains(row.PrefillConfiguration));
        return new LatencyProfile([.. isFaulty[false]], [.. _refused, .. isFaulty[true]]);
    }

    private static ProfileRow Row(MeasurementRow row)
    {
        int output = row.Count("output_tokens", 1);
        return new ProfileRow(
            $"{row.Text("gpu")}/{row.Text("model")}/{row.Text("tp")}",
            row.Count("prompt_tokens", 1),
            row.Count("batch", 1),
            output,
            row.Positive("prefill_ms") / 1_000,
            output > 1 ? row.Positive("tbt_ms") / 1_000 : 0);
    }

    private static LatencySample Median(BatchShape shape, IEnumerable<double> seconds, int group) =>
        new(shape, TimeSpan.FromSeconds(Quantile.Of([.. seconds], 0.5)), group);

    private LatencyProfile Where(Predicate<string> isWanted) =>
        new([.. _rows.Where(row => isWanted(row.Hardware))], [.. _refused.Where(row => isWanted(row.Hardware))]);
}
