using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>Makes a fresh scheduler for one run, on the run's clock, that records its decisions in <paramref name="log"/>.</summary>
internal delegate IRunSubject RunSubjectFactory(RunCase run, SimulatedClock clock, DecisionLog? log);
