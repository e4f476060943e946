using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>Makes a fresh scheduler for one run, on the run's clock.</summary>
internal delegate IRunSubject RunSubjectFactory(RunCase run, SimulatedClock clock);
