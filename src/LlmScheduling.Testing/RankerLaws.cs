using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LlmScheduling.Testing;

/// <summary>Laws about a ranker.</summary>
/// <remarks>Every check is reproducible: the same seed draws the same prompts.</remarks>
public static class RankerLaws
{
    /// <summary>A ranker that takes longer for one batch breaks the law that is being checked.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] FingerprintPrompts =
    [
        "Hello", "Write a long story about a dragon who learns to code.", "What is 2 + 2?", "def f(x):\n    return x", "東京の天気は?", "List ten steps to bake bread.", "🙂",
    ];

    private static readonly RankerLaw[] Laws =
    [
        new ScoresAreFinite(),
        new EqualPromptsGetEqualScores(),
        new BatchDoesNotMatter(),
        new CancellationIsHonoured(),
        new TwoInstancesAgree(),
    ];

    /// <summary>The laws, in the order they are checked.</summary>
    public static IReadOnlyList<Law> All { get; } = [.. Laws.Select(law => law.Law)];

    /// <summary>Checks every law.</summary>
    /// <param name="create">Makes a ranker; called twice for each law, and the two must agree. A disposable ranker is disposed.</param>
    /// <param name="options">How deep; promises do not matter here.</param>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void Check(Func<IRequestRanker> create, LawOptions? options = null)
    {
        foreach (Law law in All)
            Check(create, law, options);
    }

    /// <summary>Checks one law.</summary>
    /// <exception cref="LawViolationException">The law is broken.</exception>
    /// <exception cref="ArgumentException"><paramref name="law"/> is not one of <see cref="All"/>.</exception>
    public static void Check(Func<IRequestRanker> create, Law law, LawOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        options ??= new LawOptions();
        options.Validate();
        RankerLaw checkedLaw = Find(law);
        IRequestRanker ranker = create(), twin = create();
        try
        {
            LawRunner.Check(law, () => ranker.GetType().Name, options, PromptGenerator.Batches, batch => checkedLaw.ViolationIn(batch, ranker, twin));
        }
        finally
        {
            (ranker as IDisposable)?.Dispose();
            (twin as IDisposable)?.Dispose();
        }
    }

    internal static RankerLaw Find(Law law) =>
        Laws.FirstOrDefault(one => one.Law == law) ?? throw new ArgumentException($"{law} is not a law about rankers.", nameof(law));

    /// <summary>
    /// A short hash of the ranker's scores of fixed prompts. Keep it in a test: one that differs from run to run, as with
    /// string.GetHashCode, means that scores are not stable across processes.
    /// </summary>
    public static async Task<string> FingerprintAsync(IRequestRanker ranker, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        RankingInput[] inputs = [.. FingerprintPrompts.Select((prompt, place) => new RankingInput(new RequestId(place), prompt.AsMemory(), 8, 1_024, ""))];
        var scores = new float[inputs.Length];
        await ranker.RankAsync(inputs, scores, cancellationToken).ConfigureAwait(false);
        byte[] bytes = new byte[scores.Length * sizeof(float)];
        for (int i = 0; i < scores.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), scores[i]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
    }
}
