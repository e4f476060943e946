namespace LlmScheduling;

/// <summary>Which call of <see cref="BatchScheduler"/> touches its state.</summary>
internal enum EngineCall
{
    None,
    WaitForWorkAsync,
    PlanStep,
    CompleteStep,
    Dispose,
}
