using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>Makes a ranker of a model file: header, direction, session, inputs, vocabulary, warm-up, in this order.</summary>
internal static class OnnxRankerFile
{
    private const string FeatureVersion = "llm_scheduling.feature_version", FeatureBits = "llm_scheduling.feature_bits";

    public static OnnxRequestRanker Open(string path, OnnxRankerOptions options, ILogger logger, TimeProvider clock)
    {
        if (!File.Exists(path))
            throw new InputException(path, null, null, "no file", "an ONNX model");
        OnnxHeader header = OnnxHeader.Read(path);
        ScoreDirection direction = DeclaredDirection.Of(path, header, options.Direction);
        InferenceSession? onCuda = ModelSession.TryOpenOnCuda(path, options, logger);
        InferenceSession session = onCuda ?? ModelSession.OpenOnCpu(path, options, header);
        IBatchScorer? scorer = null;
        try
        {
            var model = new ModelInterface(path, session);
            (IPromptReader reader, LengthBuckets buckets, int padding, int lastId) = Reader(path, header, options, model);
            BoundModel Bind(InferenceSession opened, bool isCuda) => new(opened, model, isCuda, options.MaxBatchSize, buckets.Longest, padding);
            var first = Bind(session, onCuda is not null);
            scorer = onCuda is null ? first : new CudaThenCpu(first, () => Bind(ModelSession.OpenOnCpu(path, options, header), isCuda: false), logger);
            WarmUp(path, scorer, model, buckets, options, lastId);
            var pool = new RowPool(buckets.Longest, model.Kind == ModelKind.Features);
            return new OnnxRequestRanker(reader, pool, new BatchWorker(scorer, buckets, pool, options, direction, clock), onCuda is not null);
        }
        catch
        {
            if (scorer is null)
                session.Dispose();
            else
                scorer.Dispose();
            throw;
        }
    }

    private static (IPromptReader Reader, LengthBuckets Buckets, int Padding, int LastId) Reader(string path, OnnxHeader header, OnnxRankerOptions options, ModelInterface model)
    {
        if (model.Kind == ModelKind.Encoder)
        {
            string vocabulary = options.VocabularyPath ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "vocab.txt");
            WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(vocabulary, options.LowerCase);
            // A model with a fixed length gets what fits into it.
            LengthBuckets lengths = model.FixedLength > 0 ? LengthBuckets.Only(model.FixedLength) : LengthBuckets.UpTo(options.MaxTokens);
            return (new WordPieceReader(tokenizer, options.MaxTokens), lengths, tokenizer.PaddingId, tokenizer.VocabularySize - 1);
        }

        if (header[FeatureVersion] is not { } version || version != PromptFeatures.Version.ToString(CultureInfo.InvariantCulture))
            throw new InputException(path, null, FeatureVersion, header[FeatureVersion] ?? "nothing", $"{PromptFeatures.Version}: a model trained on the features of this version");
        if (!int.TryParse(header[FeatureBits], NumberStyles.None, CultureInfo.InvariantCulture, out int bits) || bits is < RankerWeights.LeastBits or > RankerWeights.MostBits)
            throw new InputException(path, null, FeatureBits, header[FeatureBits] ?? "nothing", $"{RankerWeights.LeastBits} to {RankerWeights.MostBits}: how many rows the model's table has, as a power of two");
        if (model.FixedLength is > 0 and < PromptFeatures.Most)
            throw new InputException(path, null, "idx", $"the fixed length {model.FixedLength}", $"a dynamic second dimension, or {PromptFeatures.Most} and more");
        LengthBuckets buckets = model.FixedLength > 0 ? LengthBuckets.Only(model.FixedLength) : LengthBuckets.UpTo(PromptFeatures.Most);
        return (new FeatureReader(bits), buckets, 0, (1 << bits) - 1);
    }

    /// <summary>One run a length, with the highest number that a prompt can yield; on CUDA with the largest batch, so that memory that is too small shows now.</summary>
    private static void WarmUp(string path, IBatchScorer scorer, ModelInterface model, LengthBuckets buckets, OnnxRankerOptions options, int lastId)
    {
        var row = new PromptRow(buckets.Longest, model.Kind == ModelKind.Features);
        int rows = scorer is CudaThenCpu ? options.MaxBatchSize : 1;
        var batch = new PromptRow[rows];
        Array.Fill(batch, row);
        row.Ids[1] = lastId;
        foreach (int length in buckets.Lengths)
        {
            row.Length = length;
            try
            {
                scorer.Score(batch, length, new float[rows]);
            }
            catch (OnnxRuntimeException problem)
            {
                throw new InputException(path, null, null, $"a failure with {length} numbers up to {lastId} a prompt", $"a model whose embedding has a row for each, and whose positions reach {length} ({nameof(OnnxRankerOptions)}.{nameof(OnnxRankerOptions.MaxTokens)}); ONNX Runtime says: {problem.Message.ReplaceLineEndings(" ")}");
            }
        }
    }
}
