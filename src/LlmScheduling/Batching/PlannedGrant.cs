namespace LlmScheduling;

/// <summary>The planner's side of a <see cref="PlannedWork"/>: what the step is assumed to add until it is completed.</summary>
/// <param name="Request">Who got the grant.</param>
/// <param name="AssumedTokens">Tokens assumed computed, a hinted prefix included.</param>
/// <param name="AssumedEmits">Output tokens assumed emitted.</param>
internal readonly record struct PlannedGrant(LiveRequest Request, int AssumedTokens, int AssumedEmits);
