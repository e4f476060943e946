"""Reads the log that `llmsched train-ranker` reads: JSON lines, each with a prompt and the tokens of its answer."""

import gzip
import json
import math
import os
import sys
import zlib
from collections import namedtuple
from datetime import datetime, timezone

from input_error import InputError

MOST_TOKENS = 100_000_000
MOST_SECONDS = 253_402_300_799
TRUNCATED_FINISHES = ("length", "max_tokens", "MAX_TOKENS", "max_length")

Fields = namedtuple("Fields", "prompt length finish time")
Answer = namedtuple("Answer", "prompt tokens is_truncated at")


class Number(float):
    """A number that remembers how it was written."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number


def read(path, fields):
    """All rows of a file; .gz is unpacked, - is standard input. A field may be a path with dots; blank lines are skipped."""
    content = _content(path)
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    rows = [_row(path, number, line, fields) for number, line in enumerate(content.split(b"\n"), 1) if line.strip(b" \t\r")]
    if not rows:
        raise InputError(path, None, None, "no rows", "a JSON object in every line")
    return rows


def merged(rows):
    """The different prompts, each with one length: the median of its answers, truncated when that answer was."""
    answers = {}
    for row in rows:
        answers.setdefault(row.prompt, []).append(row)
    return [_median(of_prompt) for of_prompt in answers.values()]


def _median(rows):
    # Of equally long ones those that were cut off are known to be longer.
    ordered = sorted(rows, key=lambda row: (row.tokens, row.is_truncated))
    middle = ordered[(len(ordered) - 1) // 2]
    return middle._replace(at=None if middle.at is None else min(row.at for row in rows))


def _content(path):
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        with open(path, "rb") as file:
            content = file.read()
        return gzip.decompress(content) if path.lower().endswith(".gz") else content
    except FileNotFoundError:
        raise InputError(path, None, None, "no such file", "a file that can be read") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise InputError(path, None, None, f"damaged or cut-off gzip data ({fault})", "a whole gzip file") from None
    except (IsADirectoryError, PermissionError):
        raise InputError(path, None, None, "a folder" if os.path.isdir(path) else "a file that may not be read", "a file that can be read") from None
    except OSError as fault:
        raise InputError(path, None, None, str(fault), "a file that can be read") from None


def _row(path, line, text, fields):
    def bad(field, value, allowed):
        return InputError(path, line, field, _shown(value), allowed)

    def string(field, value):
        # What is no UTF-8, and halves of surrogate pairs, came through as surrogates.
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(path, line, field, "text that is not Unicode", "a string in UTF-8") from None
        return value

    row = _parsed(path, line, text)
    prompt = _find(row, fields.prompt)
    if not isinstance(prompt, str):
        raise bad(fields.prompt, prompt, "a string")
    tokens = _find(row, fields.length)
    if not isinstance(tokens, Number) or not 0 <= tokens <= MOST_TOKENS or tokens != math.floor(tokens):
        raise bad(fields.length, tokens, f"a whole number from 0 to {MOST_TOKENS}")
    finish = None if fields.finish is None else _find(row, fields.finish, None)
    if finish is not None and not isinstance(finish, str):
        raise bad(fields.finish, finish, "a string or null")
    prompt, finish = string(fields.prompt, prompt), None if finish is None else string(fields.finish, finish)
    at = None
    if fields.time is not None:
        value = _find(row, fields.time)
        at = _seconds(value)
        if at is None:
            raise bad(fields.time, value, "seconds since 1970 or a time such as 2025-03-01T12:00:00Z")
    return Answer(prompt, int(tokens), finish in TRUNCATED_FINISHES, at)


def _parsed(path, line, text):
    def refuse(constant):
        raise ValueError(f"{constant} is no number")

    try:
        row = json.loads(text.decode("utf-8", "surrogateescape"), parse_int=Number, parse_float=Number, parse_constant=refuse)
    except (ValueError, RecursionError) as fault:
        raise InputError(path, line, None, f"what is not JSON ({fault})", "a JSON object in every line") from None
    if not isinstance(row, dict):
        raise InputError(path, line, None, "an array" if isinstance(row, list) else _shown(row), "a JSON object in every line")
    return row


_ABSENT = object()


def _find(row, field, absent=_ABSENT):
    """The field of this very name, else what the path of names leads to."""
    if field in row:
        return row[field]
    for name in field.split("."):
        if not isinstance(row, dict) or name not in row:
            return absent
        row = row[name]
    return row


def _seconds(value):
    if isinstance(value, Number):
        return float(value) if 0 <= value <= MOST_SECONDS else None
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()


def _shown(value):
    if value is _ABSENT:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    if isinstance(value, Number):
        return value.text
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)
