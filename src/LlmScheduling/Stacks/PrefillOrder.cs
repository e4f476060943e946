namespace LlmScheduling;

/// <summary>Who gets a step's prefill tokens.</summary>
public enum PrefillOrder : byte
{
    /// <summary>Running requests in admission order, then new admissions: an open prefill is finished before another begins.</summary>
    Admission,

    /// <summary>Open prefills and waiting requests share the prefill tokens in key order, so a short prompt overtakes a long one in mid-prefill.</summary>
    ByKey,
}
