using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LlmScheduling.AspNetCore;

/// <summary>What a client states in headers; null is not stated.</summary>
internal readonly record struct AskedByHeaders(int? Priority, ServiceLevelObjective? Objective, TimeSpan? QueueTimeout)
{
    private const double MostMilliseconds = 86_400_000;

    /// <summary>Reads the headers; one that is out of form is a <see cref="BadHttpRequestException"/> that names it.</summary>
    public static AskedByHeaders Read(IHeaderDictionary headers)
    {
        TimeSpan? ttft = Milliseconds(headers, SchedulingHeaders.TimeToFirstToken);
        TimeSpan? tpot = Milliseconds(headers, SchedulingHeaders.TimePerOutputToken);
        TimeSpan? e2e = Milliseconds(headers, SchedulingHeaders.EndToEnd);
        ServiceLevelObjective? objective = (ttft ?? tpot ?? e2e) is null ? null : new() { TimeToFirstToken = ttft, TimePerOutputToken = tpot, EndToEnd = e2e };
        return new(Integer(headers, SchedulingHeaders.Priority), objective, Milliseconds(headers, SchedulingHeaders.QueueTimeout));
    }

    /// <summary>What is stated here stands in place of what <paramref name="request"/> says.</summary>
    public InferenceRequest Over(InferenceRequest request) =>
        this == default ? request : request.Asking(Priority ?? request.Priority, Over(request.Objective), QueueTimeout ?? request.QueueTimeout);

    private ServiceLevelObjective? Over(ServiceLevelObjective? described) => Objective is null ? described : new()
    {
        TimeToFirstToken = Objective.TimeToFirstToken ?? described?.TimeToFirstToken,
        TimePerOutputToken = Objective.TimePerOutputToken ?? described?.TimePerOutputToken,
        EndToEnd = Objective.EndToEnd ?? described?.EndToEnd,
    };

    private static int? Integer(IHeaderDictionary headers, string name)
    {
        if (!headers.TryGetValue(name, out StringValues values))
            return null;
        return values.Count == 1 && int.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw OutOfForm(name, values, "one integer");
    }

    private static TimeSpan? Milliseconds(IHeaderDictionary headers, string name)
    {
        if (!headers.TryGetValue(name, out StringValues values))
            return null;
        bool isNumber = values.Count == 1 & double.TryParse(values.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
        return isNumber && value is >= 0 and <= MostMilliseconds
            ? TimeSpan.FromMilliseconds(value)
            : throw OutOfForm(name, values, "one number of milliseconds from 0 to 86400000");
    }

    private static BadHttpRequestException OutOfForm(string name, StringValues found, string allowed) =>
        new(new InputException("The request", null, name, $"'{found}'", allowed).Message);
}
