using System.Text.Json;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>The comparison as one JSON object: <c>trace</c>, <c>engine</c>, and <c>policies</c> by their names as given.</summary>
internal static class SummaryJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, PolicyComparison comparison)
    {
        json.WriteStartObject();
        WriteTrace(json, comparison);
        EngineJson.Write(json, comparison.Plan);
        json.WriteStartObject("policies");
        foreach (PolicyRun run in comparison.Runs)
            WritePolicy(json, run);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter json, PolicyComparison comparison)
    {
        WorkloadFacts facts = WorkloadFacts.Of(comparison.Workload);
        json.WriteStartObject("trace");
        json.WriteString("name", facts.Name);
        json.WriteNumber("requests", facts.Requests);
        json.WriteNumber("input_tokens", facts.InputTokens);
        json.WriteNumber("output_tokens", facts.OutputTokens);
        json.WriteNumber("span_s", facts.SpanSeconds);
        Write(json, "rate_rps", facts.Rate);
        Write(json, "saturated_rps", comparison.SaturatedRate);
        json.WriteStartObject("classes");
        foreach ((string name, int count) in facts.Classes)
            json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteString("lengths", comparison.Plan.LengthsName);
        json.WriteNumber("seed", comparison.Plan.Seed);
        json.WriteEndObject();
    }

    private static void WritePolicy(Utf8JsonWriter json, PolicyRun run)
    {
        ReplayReport figures = run.Figures;
        json.WriteStartObject(run.Name);
        foreach (RequestOutcome outcome in Enum.GetValues<RequestOutcome>())
            json.WriteNumber(OutcomeName.Of(outcome), figures.Outcomes[outcome]);
        Write(json, "slo_attainment", figures.SloAttainment);
        json.WriteStartObject("slo_attainment_by_class");
        foreach ((string name, double attainment) in figures.SloAttainmentByClass)
            json.WriteNumber(name, attainment);
        json.WriteEndObject();
        Write(json, "goodput_rps", figures.GoodputPerSecond);
        Write(json, "g", figures.G);
        WriteSpread(json, "e2e_s", figures.EndToEnd);
        WriteSpread(json, "ttft_s", figures.TimeToFirstToken);
        WriteSpread(json, "normalized_latency_s", figures.NormalizedLatency);
        Write(json, "max_wait_s", figures.MaxWait);
        json.WriteNumber("preemptions", figures.Preemptions);
        json.WriteNumber("steps", run.Result.Steps);
        json.WriteNumber("simulated_s", figures.SimulatedSeconds);
        json.WriteNumber("wall_s", run.Result.WallTime.TotalSeconds);
        json.WriteEndObject();
    }

    private static void WriteSpread(Utf8JsonWriter json, string measure, LatencyFigures figures)
    {
        Write(json, "mean_" + measure, figures.Mean);
        Write(json, "p50_" + measure, figures.P50);
        Write(json, "p90_" + measure, figures.P90);
        Write(json, "p99_" + measure, figures.P99);
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        JsonText.WriteNumber(json, value);
    }
}
