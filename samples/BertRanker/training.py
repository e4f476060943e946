"""PARS' recipe (PARS, arXiv 2510.03243): pairs of prompts whose lengths differ, a margin between their scores."""

import random

import torch
from torch import nn

ATTEMPTS = 10
WARM_UP = 0.1
WEIGHT_DECAY = 0.01
LONGEST_GRADIENT = 1.0
SCORING_BATCH = 64


def pairs(answers, per_prompt, min_gap, seed):
    """(longer, shorter) by their places in `answers`: partners drawn at random, kept where lengths differ by `min_gap` of the longer one and more."""
    draw, kept = random.Random(seed), []
    for one in range(len(answers)):
        found = 0
        for _ in range(ATTEMPTS * per_prompt):
            other = draw.randrange(len(answers))
            longer, shorter = (one, other) if answers[one].tokens > answers[other].tokens else (other, one)
            gap = answers[longer].tokens - answers[shorter].tokens
            # An answer that was cut off is known to be longer than that, not how much: it is never the shorter one.
            if gap > 0 and gap >= min_gap * answers[longer].tokens and not answers[shorter].is_truncated:
                kept.append((longer, shorter))
                found += 1
                if found == per_prompt:
                    break
    return kept


def train(ranker, ids, all_pairs, padding, options, device, after_epoch):
    """AdamW with a linear warm-up and a linear decay; `after_epoch` gets the number of the epoch and its mean loss."""
    ranker.to(device)
    optimizer = torch.optim.AdamW(ranker.parameters(), lr=options.learning_rate, weight_decay=WEIGHT_DECAY)
    batches = -(-len(all_pairs) // options.batch)
    steps = batches * options.epochs
    warm_up = max(1, int(WARM_UP * steps))
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / warm_up, max(0.0, (steps - step) / max(1, steps - warm_up))))
    shuffle = random.Random(options.seed)
    mixed = device == "cuda" and torch.cuda.is_bf16_supported()
    for epoch in range(1, options.epochs + 1):
        ranker.train()
        shuffle.shuffle(all_pairs)
        total = 0.0
        for start in range(0, len(all_pairs), options.batch):
            chosen = all_pairs[start:start + options.batch]
            inputs = _padded([ids[longer] for longer, _ in chosen] + [ids[shorter] for _, shorter in chosen], padding, device)
            with torch.autocast(device, dtype=torch.bfloat16, enabled=mixed):
                scores = ranker(*inputs).float().squeeze(1)
            longer, shorter = scores.split(len(chosen))
            loss = nn.functional.margin_ranking_loss(longer, shorter, torch.ones_like(longer), margin=options.margin)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(ranker.parameters(), LONGEST_GRADIENT)
            optimizer.step()
            pace.step()
            total += loss.item() * len(chosen)
        after_epoch(epoch, total / len(all_pairs))


def score(ranker, ids, padding, device):
    """The scores of word pieces; those of like length run together."""
    ranker.to(device).eval()
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    scores = [0.0] * len(ids)
    with torch.no_grad():
        for start in range(0, len(order), SCORING_BATCH):
            chosen = order[start:start + SCORING_BATCH]
            for i, value in zip(chosen, ranker(*_padded([ids[i] for i in chosen], padding, device)).squeeze(1).tolist()):
                scores[i] = value
    return scores


def tau_b(lengths, scores):
    """Kendall's tau-b, ties counted in the denominator; None where all are equal."""
    x, y = torch.tensor(lengths, dtype=torch.float64), torch.tensor(scores, dtype=torch.float64)
    agreement, untied_x, untied_y = 0.0, 0.0, 0.0
    for i in range(1, len(lengths)):
        by_x, by_y = torch.sign(x[i] - x[:i]), torch.sign(y[i] - y[:i])
        agreement += float((by_x * by_y).sum())
        untied_x += float(by_x.abs().sum())
        untied_y += float(by_y.abs().sum())
    return agreement / (untied_x * untied_y) ** 0.5 if untied_x and untied_y else None


def _padded(rows, padding, device):
    length = max(len(row) for row in rows)
    ids = torch.tensor([row + [padding] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return ids.to(device), mask.to(device)
