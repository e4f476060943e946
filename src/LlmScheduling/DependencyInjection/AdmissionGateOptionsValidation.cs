using LlmScheduling;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Reports every option out of range at once.</summary>
internal sealed class AdmissionGateOptionsValidation : IValidateOptions<AdmissionGateOptions>
{
    public ValidateOptionsResult Validate(string? name, AdmissionGateOptions options)
    {
        string[] problems = [.. options.Problems()];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
