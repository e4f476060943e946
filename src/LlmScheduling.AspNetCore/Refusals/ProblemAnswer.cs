using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmScheduling.AspNetCore;

/// <summary>Answers with problem details (RFC 9457), by the application's own <see cref="IProblemDetailsService"/> where it has one.</summary>
internal static class ProblemAnswer
{
    public static Task WriteAsync(HttpContext context, int status, string detail, Dictionary<string, object?>? members = null) =>
        TypedResults.Problem(detail, statusCode: status, title: ReasonPhrases.GetReasonPhrase(status), type: TypeOf(status), extensions: members).ExecuteAsync(context);

    private static string TypeOf(int status) => status switch
    {
        400 => "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        413 => "https://tools.ietf.org/html/rfc9110#section-15.5.14",
        429 => "https://tools.ietf.org/html/rfc6585#section-4",
        503 => "https://tools.ietf.org/html/rfc9110#section-15.6.4",
        _ => "about:blank",
    };
}
