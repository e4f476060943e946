using System.Text.Json;

namespace Gateway;

/// <summary>The models of the fleet: those that every upstream has which is up and says what it has, since a request may go to any.</summary>
internal static class ModelList
{
    public static IResult Of(UpstreamFleet fleet)
    {
        JsonElement[][] lists = [.. fleet.All.Where(upstream => upstream.IsUp && upstream.Models.Length > 0).Select(upstream => upstream.Models)];
        IEnumerable<JsonElement> common = lists.Length == 0 ? [] : lists[0].Where(model => lists.All(list => list.Any(other => IdOf(other) == IdOf(model))));
        return Results.Json(new { @object = "list", data = common });
    }

    public static string? IdOf(JsonElement model) =>
        model.ValueKind == JsonValueKind.Object && model.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
}
