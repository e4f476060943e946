using System.Reflection;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.ApiTests;

/// <summary>Whoever filters or counts log lines goes by their event ids.</summary>
public sealed class EventIdTests
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void EventIds_OfAllPackages_AreGivenAndUnique()
    {
        (int Id, string Method)[] events =
        [
            .. Repository.Packages.Values.SelectMany(assembly => Assembly.Load(assembly).GetTypes()).SelectMany(type => type.GetMethods(Any))
                .SelectMany(method => method.GetCustomAttributes<LoggerMessageAttribute>().Select(log => (log.EventId, $"{method.DeclaringType}.{method.Name}"))),
        ];
        Assert.True(events.Length >= 10, $"Only {events.Length} log messages were found.");
        Assert.DoesNotContain(events, log => log.Id <= 0);
        Assert.Empty(events.GroupBy(log => log.Id).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(log => log.Method))}"));
    }
}
