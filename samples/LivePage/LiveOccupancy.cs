namespace LlmScheduling.Samples;

/// <summary>How full a scheduler or a gate is now.</summary>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="Running">Requests that hold a seat.</param>
/// <param name="Seats">Seats there are.</param>
internal readonly record struct LiveOccupancy(int Waiting, int Running, int Seats);
