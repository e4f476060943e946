using System.Text.RegularExpressions;
using LlmScheduling;
using LlmScheduling.Simulation;

/// <summary>
/// An engine without a model: every step takes as long as a latency model says, in real time or faster, and every answer is
/// some words that follow from its prompt. A token is a word. A prompt that asks for its answer "in 40 words" gets 40.
/// </summary>
internal sealed partial class EmbeddedEngine : IModelEngine
{
    /// <summary>A step may begin so much before its thread woke up, in wall-clock time: how late timers are is not the engine's doing.</summary>
    private static readonly TimeSpan MostCatchUp = TimeSpan.FromMilliseconds(200);

    private static readonly string[] Words = ["the", "queue", "is", "short", "and", "every", "step", "serves", "who", "waits", "least", "long", "while", "others", "read", "on"];

    private readonly ScaledTime _time;
    private readonly ILatencyModel _latency;
    private readonly Dictionary<RequestId, Sequence> _live = [];
    private TimeSpan _freeAt;

    /// <param name="settings">What it stands for, as the simulator reads it.</param>
    /// <param name="speed">How many times as fast as life it runs; above 0.</param>
    /// <param name="model">Its name.</param>
    public EmbeddedEngine(EngineSettings settings, double speed, string model = "embedded")
    {
        (_time, _latency, Model) = (new ScaledTime(speed), settings.StepCost.Model, model);
        Capacity = new BatchSchedulerOptions
        {
            MaxSequences = settings.MaxSequences,
            MaxBatchTokens = settings.MaxBatchTokens,
            ChunkedPrefill = settings.ChunkedPrefill,
            PrefillChunkTokens = settings.PrefillChunkTokens,
            KvBlockTokens = settings.KvBlockTokens,
            KvTotalBlocks = settings.KvBlocks,
            KvReservation = settings.KvReservation ?? (settings.Preemption == Preemption.None ? KvReservation.WholeContext : KvReservation.OnDemand),
            MaxQueuedRequests = settings.MaxQueuedRequests ?? 10_000,
        };
    }

    public string Model { get; }

    public BatchSchedulerOptions Capacity { get; }

    public int MaxContextTokens => 32_768;

    public ILatencyModel Latency => _latency;

    public TimeProvider Time => _time;

    /// <summary>Requests whose KV it holds. For tests; any thread, and exact between steps.</summary>
    public int Held => _live.Count;

    public void Prepare(Generation generation)
    {
        ReadOnlySpan<char> prompt = generation.Prompt;
        int words = 0;
        uint hash = 2_166_136_261;
        bool isInWord = false;
        foreach (char letter in prompt)
        {
            bool isBlank = char.IsWhiteSpace(letter);
            words += !isBlank && !isInWord ? 1 : 0;
            isInWord = !isBlank;
            hash = (hash ^ letter) * 16_777_619;
        }

        generation.PromptTokens = words;
        Match asked = AskedLength().Match(generation.Prompt);
        generation.Sequence = new Sequence(hash, asked.Success && int.TryParse(asked.Groups[1].ValueSpan, out int length) && length > 0 ? length : 16 + (int)(hash % 240));
    }

    public TimeSpan Run(BatchPlan plan, StepOutput output)
    {
        TimeSpan began = Begin();
        foreach (ref readonly PlannedWork work in plan.Work)
        {
            var generation = (Generation)work.Request.State!;
            var sequence = (Sequence)generation.Sequence!;
            _live[work.Id] = sequence;
            int computed = Math.Min(work.Tokens, generation.PromptTokens + sequence.Emitted - sequence.Computed);
            sequence.Computed += computed;
            if (sequence.Computed < generation.PromptTokens + sequence.Emitted)
                output.Add(work, computed);
            else
                output.Add(work, computed, WordAt(sequence), ++sequence.Emitted >= sequence.Length);
        }

        TimeSpan duration = _latency.PredictStep(plan.Shape);
        _freeAt = began + duration;
        TimeSpan left = (_freeAt - Now) / _time.Speed;
        if (left > TimeSpan.Zero)
            Thread.Sleep((int)Math.Ceiling(left.TotalMilliseconds));
        return duration;
    }

    public void Free(RequestId id)
    {
        if (_live.Remove(id, out Sequence? sequence))
            sequence.Computed = 0;
    }

    public void Dispose() => _live.Clear();

    private TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>A busy engine begins a step when the last one ended, however late its thread woke up; an idle one begins now.</summary>
    private TimeSpan Begin()
    {
        TimeSpan now = Now, earliest = now - MostCatchUp * _time.Speed;
        return _live.Count == 0 ? now : _freeAt > earliest ? _freeAt : earliest;
    }

    private static string WordAt(Sequence sequence)
    {
        string word = Words[(int)((sequence.Hash + (uint)sequence.Emitted * 2_654_435_761) >> 7) & 15];
        return sequence.Emitted == 0 ? word : " " + word;
    }

    [GeneratedRegex(@"\bin (\d{1,6}) words", RegexOptions.IgnoreCase | RegexOptions.RightToLeft)]
    private static partial Regex AskedLength();

    /// <summary>How far a request is.</summary>
    private sealed class Sequence(uint hash, int length)
    {
        public uint Hash => hash;

        public int Length => length;

        public int Computed { get; set; }

        public int Emitted { get; set; }
    }
}
