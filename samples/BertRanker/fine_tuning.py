"""From answered prompts to a ranker in a folder."""

import os
import sys

import torch

import onnx_file
import start_weights
import training
from bert import Ranker, Shape
from input_error import InputError
from word_pieces import WordPieces, read_vocabulary, vocabulary_of

WORDS = 8_000
HEAD_WIDTH = 64


def run(options, learnt, held_out, dev, to_score, folder):
    """Writes ranker.onnx and vocab.txt into a folder; answers what is to be said of them."""
    torch.manual_seed(options.seed)
    if options.device == "cuda" and not torch.cuda.is_available():
        raise InputError("--device", None, None, "cuda, which PyTorch cannot use here", "cpu")
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    pieces, lower_case = vocabulary(options, learnt)
    tokenizer = WordPieces(pieces, lower_case)
    ranker, has_head = start(options, len(pieces))
    if options.max_tokens > ranker.shape.positions:
        raise InputError("--max-tokens", None, None, str(options.max_tokens), f"{ranker.shape.positions} and fewer, the positions of the start weights")
    if options.epochs == 0 and not has_head:
        raise InputError(options.start, None, "classifier.weight", "no head with one output", "a ranker that is trained already, or --epochs above 0")

    def encoded(rows):
        return [tokenizer.encode(row.prompt, options.max_tokens) for row in rows]

    result = {"device": device, "start": options.start or "random weights", "lower_case": lower_case, "pieces": len(pieces)}
    if options.epochs:
        result.update(fine_tune(options, device, ranker, tokenizer, learnt, held_out, encoded))
    if dev:
        result["dev"] = accuracy(dev, training.score(ranker, encoded(dev), tokenizer.padding, device))
    if to_score:
        ids = encoded(to_score)
        result["scores"] = [{"tokens": row, "score": value} for row, value in zip(ids, training.score(ranker, ids, tokenizer.padding, device))]
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.writelines(piece + "\n" for piece in pieces)
    onnx_file.write(ranker, os.path.join(folder, "ranker.onnx"), options.fp16)
    return result


def fine_tune(options, device, ranker, tokenizer, learnt, held_out, encoded):
    """Trains, and leaves the ranker as it was after its best epoch."""
    all_pairs = training.pairs(learnt, options.pairs, options.min_gap, options.seed)
    if not all_pairs:
        raise InputError(options.data, None, options.length_field, f"no two prompts whose lengths differ by {options.min_gap:.0%}", "a log with short and long answers")
    options.learning_rate = options.learning_rate if options.learning_rate is not None else 2e-5 if options.start else 5e-4
    watched, best, epochs = encoded(held_out), {"tau": None, "state": None}, []

    def after_epoch(epoch, loss):
        figures = accuracy(held_out, training.score(ranker, watched, tokenizer.padding, device))
        tau = figures["kendall_tau_b"]
        print(f"epoch {epoch} of {options.epochs}: loss {loss:.4f}, tau-b {shown(tau)} of {figures['n']} held-out answers", file=sys.stderr)
        epochs.append({"epoch": epoch, "loss": loss, "kendall_tau_b": tau})
        if best["state"] is None or (tau is not None and (best["tau"] is None or tau > best["tau"])):
            best.update(tau=tau, figures=figures, epoch=epoch, state={name: value.cpu().clone() for name, value in ranker.state_dict().items()})

    training.train(ranker, encoded(learnt), all_pairs, tokenizer.padding, options, device, after_epoch)
    ranker.load_state_dict(best["state"])
    return {"prompts": len(learnt), "pairs": len(all_pairs), "epochs": epochs, "best_epoch": best["epoch"], "held_out": best["figures"]}


def vocabulary(options, learnt):
    """The pieces, and whether text is lower-cased."""
    if options.start is not None:
        return read_vocabulary(os.path.join(options.start, "vocab.txt")), not options.cased and start_weights.is_lower_case(options.start)
    if options.vocab is not None:
        return read_vocabulary(options.vocab), not options.cased
    return vocabulary_of([answer.prompt for answer in learnt], WORDS, not options.cased), not options.cased


def start(options, words):
    if options.start is not None:
        return start_weights.read(options.start, words)
    return Ranker(Shape(words=words, width=options.width, layers=options.layers, heads=options.width // HEAD_WIDTH, inner=4 * options.width, positions=max(512, options.max_tokens))), False


def accuracy(answers, scores):
    """Of whole answers only: those that were cut off have no known place in the order."""
    whole = [(answer, value) for answer, value in zip(answers, scores) if not answer.is_truncated]
    lengths = [answer.tokens for answer, _ in whole]
    return {
        "n": len(whole),
        "kendall_tau_b": training.tau_b(lengths, [value for _, value in whole]),
        "baseline_prompt_length_tau_b": training.tau_b(lengths, [len(answer.prompt) for answer, _ in whole]),
    }


def shown(number):
    return "not defined" if number is None else f"{number:.4f}"
