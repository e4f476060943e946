namespace LlmScheduling.Samples;

/// <summary>What the page shows at one moment.</summary>
/// <param name="Stack">The stack in force.</param>
/// <param name="Stacks">Those that may be chosen.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="Running">Requests that hold a seat.</param>
/// <param name="Seats">Seats there are; 0 while unknown.</param>
/// <param name="KvUsed">Share of the KV blocks that are taken; null where KV is never the limit.</param>
/// <param name="Attainment">Requests with an objective, by stack and class.</param>
/// <param name="Outcomes">Requests that ended, by outcome.</param>
/// <param name="Tau">Kendall's tau-b between rank scores and the lengths of complete answers so far; null where nothing is ranked.</param>
/// <param name="Ranked">Answers that it is taken over.</param>
/// <param name="Decisions">What was decided lately, the newest first.</param>
internal sealed record LiveState(
    string Stack,
    IReadOnlyList<string> Stacks,
    int Waiting,
    int Running,
    int Seats,
    double? KvUsed,
    IReadOnlyList<LiveAttainment> Attainment,
    IReadOnlyDictionary<string, long> Outcomes,
    double? Tau,
    int Ranked,
    IReadOnlyList<LiveDecision> Decisions);
