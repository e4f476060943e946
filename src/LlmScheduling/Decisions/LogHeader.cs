using System.Text.Json;

namespace LlmScheduling;

/// <summary>How a decision log spells options and allocations.</summary>
internal static class LogHeader
{
    public static void WriteOptions(Utf8JsonWriter json, BatchSchedulerOptions options)
    {
        json.WriteStartObject("options");
        json.WriteNumber("maxSequences", options.MaxSequences);
        json.WriteNumber("maxBatchTokens", options.MaxBatchTokens);
        json.WriteBoolean("chunkedPrefill", options.ChunkedPrefill);
        json.WriteOptional("prefillChunkTokens", options.PrefillChunkTokens);
        json.WriteNumber("tokensPerDecode", options.TokensPerDecode);
        json.WriteNumber("stepsInFlight", options.StepsInFlight);
        json.WriteNumber("kvBlockTokens", options.KvBlockTokens);
        json.WriteOptional("kvTotalBlocks", options.KvTotalBlocks);
        json.WriteString("kvReservation", options.KvReservation.ToString());
        json.WriteNumber("maxQueuedRequests", options.MaxQueuedRequests);
        json.WriteNumber("maxQueuedTokens", options.MaxQueuedTokens);
        json.WriteString("queueFull", options.QueueFull.ToString());
        json.WriteNumber("maxTrackedTenants", options.MaxTrackedTenants);
        json.WriteStartObject("tenantWeights");
        foreach ((string tenant, double weight) in options.TenantWeights.OrderBy(one => one.Key, StringComparer.Ordinal))
            json.WriteReal(tenant, weight);
        json.WriteEndObject();
        json.WriteNumber("seed", options.Seed);
        json.WriteEndObject();
    }

    public static BatchSchedulerOptions ReadOptions(JsonElement line)
    {
        JsonElement from = line.GetProperty("options");
        var options = new BatchSchedulerOptions
        {
            MaxSequences = from.GetProperty("maxSequences").GetInt32(),
            MaxBatchTokens = from.GetProperty("maxBatchTokens").GetInt32(),
            ChunkedPrefill = from.GetProperty("chunkedPrefill").GetBoolean(),
            PrefillChunkTokens = from.OptionalInt("prefillChunkTokens"),
            TokensPerDecode = from.GetProperty("tokensPerDecode").GetInt32(),
            StepsInFlight = from.GetProperty("stepsInFlight").GetInt32(),
            KvBlockTokens = from.GetProperty("kvBlockTokens").GetInt32(),
            KvTotalBlocks = from.OptionalInt("kvTotalBlocks"),
            KvReservation = Enum.Parse<KvReservation>(from.Text("kvReservation")),
            MaxQueuedRequests = from.GetProperty("maxQueuedRequests").GetInt32(),
            MaxQueuedTokens = from.GetProperty("maxQueuedTokens").GetInt64(),
            QueueFull = Enum.Parse<QueueFullAction>(from.Text("queueFull")),
            MaxTrackedTenants = from.GetProperty("maxTrackedTenants").GetInt32(),
            Seed = from.GetProperty("seed").GetUInt64(),
        };
        foreach (JsonProperty weight in from.GetProperty("tenantWeights").EnumerateObject())
            options.TenantWeights[weight.Name] = weight.Value.Real();
        return options;
    }

    public static void WriteAllocation(Utf8JsonWriter json, TokenAllocation allocation)
    {
        json.WriteStartObject("allocation");
        json.WriteNumber("lookAheadRequests", allocation.LookAheadRequests);
        json.WriteString("prefillOrder", allocation.PrefillOrder.ToString());
        json.WriteNumber("maxOpenPrefills", allocation.MaxOpenPrefills);
        json.WriteOptional("prefillShareOfTpot", allocation.PrefillShareOfTpot);
        json.WriteOptional("decodeShareOfTpot", allocation.DecodeShareOfTpot);
        json.WriteNumber("decodeSharePrefillTokens", allocation.DecodeSharePrefillTokens);
        json.WriteOptional("spareShareOfTpot", allocation.SpareShareOfTpot);
        json.WriteReal("reservedSeatShare", allocation.ReservedSeatShare);
        json.WriteOptional("maxResidentSequences", allocation.MaxResidentSequences);
        json.WriteEndObject();
    }

    public static TokenAllocation ReadAllocation(JsonElement line)
    {
        JsonElement from = line.GetProperty("allocation");
        return new TokenAllocation
        {
            LookAheadRequests = from.GetProperty("lookAheadRequests").GetInt32(),
            PrefillOrder = Enum.Parse<PrefillOrder>(from.Text("prefillOrder")),
            MaxOpenPrefills = from.GetProperty("maxOpenPrefills").GetInt32(),
            PrefillShareOfTpot = from.OptionalReal("prefillShareOfTpot"),
            DecodeShareOfTpot = from.OptionalReal("decodeShareOfTpot"),
            DecodeSharePrefillTokens = from.GetProperty("decodeSharePrefillTokens").GetInt32(),
            SpareShareOfTpot = from.OptionalReal("spareShareOfTpot"),
            ReservedSeatShare = from.GetProperty("reservedSeatShare").Real(),
            MaxResidentSequences = from.OptionalInt("maxResidentSequences"),
        };
    }
}
