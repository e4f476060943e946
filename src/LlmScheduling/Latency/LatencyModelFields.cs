namespace LlmScheduling;

/// <summary>The names of forms and coefficients in files.</summary>
internal static class LatencyModelFields
{
    public const string Linear = "linear", Hinge = "hinge", Experts = "moe";

    public static string NameOf(LatencyForm form) => form switch
    {
        LatencyForm.Linear => Linear,
        LatencyForm.Hinge => Hinge,
        LatencyForm.Experts => Experts,
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "There is no such form."),
    };

    public static IEnumerable<KeyValuePair<string, double>> CoefficientsOf(IFittedLatencyModel model) => model switch
    {
        LinearLatencyModel linear =>
        [
            new("step_s", linear.Step),
            new("prefill_token_s", linear.PrefillToken),
            new("decode_sequence_s", linear.DecodeSequence),
            new("context_token_s", linear.ContextToken),
        ],
        HingeLatencyModel hinge =>
        [
            new("step_s", hinge.Step),
            new("prefill_step_s", hinge.PrefillStep),
            new("token_s", hinge.Token),
            new("first_knee_tokens", hinge.FirstKnee),
            new("token_beyond_first_s", hinge.TokenBeyondFirst),
            new("second_knee_tokens", hinge.SecondKnee),
            new("token_beyond_second_s", hinge.TokenBeyondSecond),
            new("decode_sequence_s", hinge.DecodeSequence),
            new("decode_knee_sequences", hinge.DecodeKnee),
            new("decode_sequence_beyond_s", hinge.DecodeSequenceBeyond),
            new("context_token_s", hinge.ContextToken),
            new("mixed_context_token_s", hinge.MixedContextToken),
            new("prefill_attention_s", hinge.PrefillAttention),
        ],
        ExpertLatencyModel experts =>
        [
            new("step_s", experts.Step),
            new("prefill_step_s", experts.PrefillStep),
            new("experts_s", experts.Experts),
            new("experts_per_token", experts.ExpertsPerToken),
            new("prefill_token_s", experts.PrefillToken),
            new("decode_sequence_s", experts.DecodeSequence),
            new("context_token_s", experts.ContextToken),
            new("mixed_context_token_s", experts.MixedContextToken),
            new("prefill_attention_s", experts.PrefillAttention),
        ],
        _ => throw new ArgumentException($"A model of type {model.GetType()} has no file format.", nameof(model)),
    };
}
