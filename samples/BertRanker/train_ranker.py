#!/usr/bin/env python3
"""Fine-tunes a BERT to rank prompts by the length of their answers, as PARS does, and writes it as ONNX for OnnxRequestRanker."""

import argparse
import hashlib
import json
import math
import os
import shutil
import sys
import tempfile

import answer_log
from input_error import InputError

LEAST_PROMPTS = 20
HELD_OUT = 10
FILES = ("ranker.onnx", "vocab.txt")


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__)

    def option(name, value, default, text, kind=str, least=None):
        def checked(written):
            number = kind(written)
            if not (math.isfinite(number) and (least is None or number >= least)):
                raise ValueError
            return number
        checked.__name__ = f"number from {least}" if kind is not str else "text"
        parser.add_argument(name, metavar=value, default=default, help=text, type=str if kind is str else checked)

    option("--data", "D.jsonl[.gz]", None, 'Prompts and the lengths of their answers: a JSON object in every line, such as {"prompt": "Hello", "response_tokens": 9}. - is standard input.')
    option("--prompt-field", "F", "prompt", "The field of the prompt's text (default: prompt). A path with dots leads into objects.")
    option("--length-field", "F", "response_tokens", "The field of the answer's tokens (default: response_tokens), such as usage.completion_tokens.")
    option("--finish-field", "F", None, "The field of why the answer ended. One that says length or max_tokens was cut off: it is never taken for short.")
    option("--time-field", "F", None, "The field of when the answer was given: seconds since 1970, or such as 2025-03-01T12:00:00Z.")
    parser.add_argument("--split", choices=("hash", "time"), default="hash", help="Which tenth of the prompts is held out to choose the best epoch: hash (default) or time (the newest; needs --time-field).")
    option("--dev", "D2.jsonl[.gz]", None, "More of the same that is only reported on: nothing is chosen by it.")
    option("--out", "FOLDER", None, "Write ranker.onnx and vocab.txt into this folder, which holds nothing else.")
    option("--start", "FOLDER", None, "A BERT as Hugging Face stores it: config.json, vocab.txt, and model.safetensors or pytorch_model.bin. Default: a small one with random weights.")
    option("--vocab", "vocab.txt", None, "The vocabulary of a BERT with random weights. Default: one made of the log.")
    option("--layers", "N", 2, "Layers of a BERT with random weights (default: 2).", int, 1)
    option("--width", "N", 128, "Its width, a multiple of 64 (default: 128).", int, 64)
    parser.add_argument("--cased", action="store_true", help="Do not lower-case text, nor drop accents. Default: what the start's tokenizer_config.json says, else lower-case.")
    option("--epochs", "N", 3, "Rounds through all pairs (default: 3). 0 writes the start weights as they are.", int, 0)
    option("--batch", "N", 128, "Pairs in one step (default: 128).", int, 1)
    option("--pairs", "N", 10, "Pairs drawn for each prompt (default: 10).", int, 1)
    option("--learning-rate", "X", None, "Default: 2e-5 from start weights, as PARS; 5e-4 from random ones.", float, 0)
    option("--margin", "X", 1.0, "By how much the longer answer's score should be higher (default: 1.0).", float, 0)
    option("--min-gap", "X", 0.2, "Leave out pairs whose lengths differ by less than this share of the longer one (default: 0.2).", float, 0)
    option("--max-tokens", "N", 128, "Word pieces read of a prompt, with [CLS] and [SEP] (default: 128).", int, 8)
    option("--seed", "N", 42, "Seeds weights, pairs, dropout and order (default: 42).", int, 0)
    parser.add_argument("--fp16", action="store_true", help="Write half-precision weights: half the file, and faster on a GPU.")
    parser.add_argument("--device", choices=("cuda", "cpu"), help="Where it trains. Default: cuda where there is one.")
    option("--score", "D3.jsonl[.gz]", None, "Print this model's word pieces and score of every prompt of a file (same fields), to compare with what the exported one gives.")
    return parser, parser.parse_args(arguments)


def main(arguments):
    parser, options = options_of(arguments)
    if options.out is None:
        parser.error("--out is missing")
    if options.epochs == 0 and options.start is None:
        parser.error("--epochs 0 has nothing to write without --start")
    if options.epochs > 0 and options.data is None:
        parser.error("--data is missing")
    if options.split == "time" and options.time_field is None:
        parser.error("--split time needs --time-field")
    if options.min_gap >= 1:
        parser.error("--min-gap must be below 1")
    if options.width % 64:
        parser.error("--width must be a multiple of 64")
    try:
        with OutputFolder(options.out) as folder:
            result = run(options, folder)
        print(json.dumps(result))
        return 0
    except InputError as problem:
        print(f"train_ranker.py: {problem}", file=sys.stderr)
        return 2


def run(options, folder):
    learnt, held_out = split(options) if options.epochs else ([], [])
    dev, to_score = ([] if path is None else answer_log.read(path, fields(options)) for path in (options.dev, options.score))
    # Here and not above: PyTorch takes seconds to load, and what is wrong with a log is said before.
    import fine_tuning
    return fine_tuning.run(options, learnt, held_out, dev, to_score, folder)


def split(options):
    """The prompts to learn from, and the tenth that is held out."""
    answers = answer_log.merged(answer_log.read(options.data, fields(options)))
    if len(answers) < LEAST_PROMPTS:
        raise InputError(options.data, None, None, f"{len(answers)} different prompts", f"{LEAST_PROMPTS} or more")
    if options.split == "time":
        answers.sort(key=lambda answer: answer.at)
        cut = len(answers) - len(answers) // HELD_OUT
        learnt, held_out = answers[:cut], answers[cut:]
    else:
        # By the text alone, so that another log of the same traffic holds out the same prompts.
        chosen = [hashlib.sha256(answer.prompt.encode()).digest()[0] % HELD_OUT == 0 for answer in answers]
        learnt, held_out = [a for a, out in zip(answers, chosen) if not out], [a for a, out in zip(answers, chosen) if out]
    if len({answer.tokens for answer in held_out if not answer.is_truncated}) < 2:
        raise InputError(options.data, None, options.length_field, f"no two lengths among {len(held_out)} held-out prompts", "more prompts, with short and long answers")
    return learnt, held_out


def fields(options):
    return answer_log.Fields(options.prompt_field, options.length_field, options.finish_field, options.time_field)


class OutputFolder:
    """A folder that appears whole or not at all: written beside its place, and put there in the end."""

    def __init__(self, path):
        self._path = os.path.abspath(path)

    def __enter__(self):
        if os.path.exists(self._path):
            others = sorted(set(os.listdir(self._path)) - set(FILES)) if os.path.isdir(self._path) else ["a file of that name"]
            if others:
                raise InputError("--out", None, None, others[0], "a new folder, or one with ranker.onnx and vocab.txt only")
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            self._unfinished = tempfile.mkdtemp(prefix=".unfinished-", dir=os.path.dirname(self._path))
        except OSError as fault:
            raise InputError("--out", None, None, str(fault), "a folder that can be written") from None
        return self._unfinished

    def __exit__(self, problem, *_):
        try:
            if problem is None:
                os.chmod(self._unfinished, 0o755)
                before = self._unfinished + "-before"
                if os.path.exists(self._path):
                    os.rename(self._path, before)
                os.rename(self._unfinished, self._path)
                shutil.rmtree(before, ignore_errors=True)
        finally:
            shutil.rmtree(self._unfinished, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
