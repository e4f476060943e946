namespace LlmScheduling;

/// <summary>What a ranker is trained to get right.</summary>
public enum RankerLoss
{
    /// <summary>Of two answers, which is longer: logistic loss on the difference of scores (Burges et al., "Learning to Rank using Gradient Descent").</summary>
    RankNet,

    /// <summary>The same with a margin of 1 between the scores, as PARS trains ("PARS: Low-Latency LLM Serving via Pairwise Learning-to-Rank", arXiv 2510.03243).</summary>
    Margin,

    /// <summary>The order of many answers at once, shortest first: the likelihood of Plackett and Luce (Xia et al., "Listwise Approach to Learning to Rank").</summary>
    ListMle,

    /// <summary>The logarithm of the length itself: squared error.</summary>
    Pointwise,
}
