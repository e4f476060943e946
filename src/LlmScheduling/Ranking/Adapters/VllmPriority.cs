namespace LlmScheduling;

/// <summary>
/// Turns a predicted length or a score into the integer <c>priority</c> of a request to vLLM (<c>--scheduling-policy priority</c>; lower
/// is earlier, equal ones by arrival): a shorter expected answer gets a lower number.
/// </summary>
/// <remarks>
/// <para>
/// The mapping is fixed and depends on nothing but its arguments, so gateways that share a ranker's file and nothing else agree on
/// every number, and a fleet of servers serves in one order. It never falls as the length, the score, the tier or the arrival rises.
/// </para>
/// <para>
/// vLLM orders its waiting queue by the number and has no ageing: under lasting overload long answers wait without bound. The
/// overloads with an arrival time add ageing that needs no state: a later arrival gets a higher number. Pure; any thread.
/// </para>
/// </remarks>
public static class VllmPriority
{
    /// <summary>Steps between a length and its double: lengths within 9 % of each other share a number and are served by arrival.</summary>
    public const int StepsPerDoubling = 8;

    /// <summary>Numbers of one tier: 0 to 255.</summary>
    public const int StepsPerTier = 256;

    /// <summary>The number of a request of which nothing is known: as if 256 tokens were expected.</summary>
    public const int Unranked = 64;

    private const int StepsPerScore = 32, MostTier = 8_000_000;

    // The beginning of 2025: what is left of 31 bits lasts for 68 years of seconds.
    private static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>8 log2 of the predicted median, within 0 to 255; 64 when it is unknown; plus 256 for every tier.</summary>
    /// <param name="length">The predicted length.</param>
    /// <param name="tier">What goes before all lengths, lower first; -8,000,000 to 8,000,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tier is out of range.</exception>
    public static int OfLength(LengthEstimate length, int tier = 0) => InTier(
        !(length.Median > 0) || !float.IsFinite(length.Median) ? Unranked : StepsPerDoubling * PortableMath.Log(Math.Max(1, (double)length.Median)) / PortableMath.Log(2), tier);

    /// <summary>32 times the score around 128, within 0 to 255; 128 when it is NaN; plus 256 for every tier. For scores of about unit spread, as those of a <see cref="PromptFeatureRanker"/>, whose lengths are unknown.</summary>
    /// <param name="score">A ranker's score.</param>
    /// <param name="tier">What goes before all scores, lower first; -8,000,000 to 8,000,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tier is out of range.</exception>
    public static int OfScore(float score, int tier = 0) => InTier(StepsPerTier / 2 + (float.IsNaN(score) ? 0 : StepsPerScore * (double)score), tier);

    /// <summary><paramref name="priority"/> plus 1 for every <paramref name="step"/> from the beginning of 2025 to the arrival: who has waited that much longer goes first at equal lengths, and nobody is passed for ever.</summary>
    /// <remarks>With a step of 1 s, an answer of double the length is passed by those that come up to 8 s later and by nobody who comes after. Gateways' clocks must agree to a fraction of a step.</remarks>
    /// <param name="priority">Of <see cref="OfLength"/> or <see cref="OfScore"/>, in tier 0.</param>
    /// <param name="arrivedAt">When the request arrived; one before 2025 counts as of then.</param>
    /// <param name="step">The wait that weighs as much as one step of length; a second or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is below a second.</exception>
    public static int Aged(int priority, DateTimeOffset arrivedAt, TimeSpan step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.FromSeconds(1));
        long steps = Math.Max(0, (arrivedAt - Epoch).Ticks / step.Ticks);
        return (int)Math.Clamp(priority + steps, int.MinValue, int.MaxValue);
    }

    private static int InTier(double step, int tier)
    {
        if (tier is < -MostTier or > MostTier)
            throw new ArgumentOutOfRangeException(nameof(tier), tier, "A tier must be -8000000 to 8000000.");
        return tier * StepsPerTier + (int)Math.Clamp(Math.Round(step), 0, StepsPerTier - 1);
    }
}
