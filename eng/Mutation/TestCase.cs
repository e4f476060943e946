namespace LlmScheduling.Mutation;

/// <summary>One test or one row of a theory, as its program lists it.</summary>
internal sealed record TestCase(string Id, string Class, string DisplayName);
