using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>What a server logged of requests that it served: lengths, arrival, first and last token. Immutable.</summary>
public sealed class RequestLog
{
    private static readonly string[] Columns = ["input_tokens", "output_tokens", "queued_s", "first_token_s", "last_token_s"];

    private readonly IReadOnlyList<LoggedRequest> _requests;

    private RequestLog(IReadOnlyList<LoggedRequest> requests)
    {
        double start = requests.Count == 0 ? 0 : requests.Min(request => request.ArrivedAt);
        _requests = [.. requests
            .Select(request => request with { ArrivedAt = request.ArrivedAt - start, FirstTokenAt = request.FirstTokenAt - start, EndedAt = request.EndedAt - start })
            .OrderBy(request => request.ArrivedAt)];
    }

    /// <summary>The servers, as <c>gpu/model</c>, in the order of their first arrival.</summary>
    public IReadOnlyList<string> Engines => [.. _requests.Select(request => request.Engine).Distinct()];

    /// <summary>How many requests there are.</summary>
    public int Count => _requests.Count;

    /// <summary>By arrival.</summary>
    internal IReadOnlyList<LoggedRequest> Requests => _requests;

    /// <summary>
    /// Reads a CSV file with the columns <c>input_tokens,output_tokens,queued_s,first_token_s,last_token_s</c> and, where it
    /// holds several servers, <c>gpu,model</c>. Times count from any instant.
    /// </summary>
    /// <param name="path">A CSV file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
    /// <param name="openStandardInput">Opens standard input; null: that of the process.</param>
    /// <exception cref="InputException">The file cannot be read, has no rows, or a row breaks a rule.</exception>
    public static RequestLog Read(string path, Func<Stream>? openStandardInput = null) =>
        new(MeasurementFile.Read(path, openStandardInput, Columns, Row));

    /// <summary>The requests of one GPU and model; null for any.</summary>
    public RequestLog Of(string? gpu, string? model) => new([.. _requests.Where(request =>
        request.Engine.Split('/', 2) is var parts && (gpu is null || parts[0] == gpu) && (model is null || parts[1] == model))]);

    /// <summary>The log's requests as a workload: their arrivals and lengths, without what the server made of them.</summary>
    internal Workload ToWorkload() => new("log", _requests.Select((request, i) => new TraceRequest
    {
        Id = i.ToString(CultureInfo.InvariantCulture),
        ArrivedAt = TimeSpan.FromSeconds(request.ArrivedAt),
        InputTokens = request.InputTokens,
        OutputTokens = request.OutputTokens,
    }));

    private static LoggedRequest Row(MeasurementRow row)
    {
        double queued = row.AtLeast("queued_s", 0), first = row.AtLeast("first_token_s", queued);
        if (first == queued)
            throw row.Bad("first_token_s", "a time after queued_s");
        return new LoggedRequest(
            $"{row.Text("gpu")}/{row.Text("model")}", row.Count("input_tokens", 1), row.Count("output_tokens", 1), queued, first, row.AtLeast("last_token_s", first));
    }
}
