"""BERT's WordPiece, piece for piece as LlmScheduling's WordPieceTokenizer cuts; and vocabularies."""

import unicodedata
from collections import Counter

from input_error import InputError

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
LONGEST_WORD = 100
IDEOGRAPHS = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


class WordPieces:
    """Cuts text into the pieces of a vocabulary; `pieces` is its lines, in their order."""

    def __init__(self, pieces, lower_case=True):
        self.pieces, self.lower_case = pieces, lower_case
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        self._longest = max(len(piece) for piece in pieces)
        self.padding, self._unknown, self._classify, self._separator = (self._ids[piece] for piece in SPECIAL)

    def encode(self, text, most):
        """[CLS], the first pieces of the text, [SEP]: at most `most` numbers."""
        ids = [self._classify]
        for word in words(text, self.lower_case):
            ids += self._cut(word)
            if len(ids) >= most:
                break
        return ids[:most - 1] + [self._separator]

    def _cut(self, word):
        if len(word) > LONGEST_WORD:
            return [self._unknown]
        ids, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                if prefix + word[start:end] in self._ids:
                    break
            else:
                return [self._unknown]
            ids.append(self._ids[prefix + word[start:end]])
            start = end
        return ids


def words(text, lower_case=True):
    """Words end at blanks, punctuation and ideographs; accents go with lower-casing; control characters are dropped."""
    word = []
    for letter in text:
        kind = _kind(letter)
        if kind == "nothing":
            continue
        if kind != "letter" and word:
            yield "".join(word)
            word = []
        if kind == "blank":
            continue
        for part in _normalised(letter) if lower_case else letter:
            # Decomposition can yield punctuation.
            if _is_punctuation(part):
                if word:
                    yield "".join(word)
                    word = []
                yield part
            else:
                word.append(part)
        if kind == "alone" and word:
            yield "".join(word)
            word = []
    if word:
        yield "".join(word)


def read_vocabulary(path):
    """The lines of a vocab.txt; only line feeds end a line, since a vocabulary may hold other line separators as pieces."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
    except FileNotFoundError:
        raise InputError(path, None, None, "no such file", "a vocab.txt") from None
    except UnicodeDecodeError:
        raise InputError(path, None, None, "bytes that are no UTF-8", "a BERT vocabulary (vocab.txt) in UTF-8") from None
    text = text[1:] if text.startswith("\ufeff") else text
    text = text[:-1] if text.endswith("\n") else text
    pieces, seen = [], set()
    for number, piece in enumerate((line.rstrip("\r") for line in text.split("\n")), 1):
        if not piece:
            raise InputError(path, number, None, "an empty line", "one word piece a line; an empty line would shift the numbers of all that follow")
        if piece in seen:
            raise InputError(path, number, None, f"'{piece}' for the second time", "every word piece once")
        seen.add(piece)
        pieces.append(piece)
    for piece in SPECIAL:
        if piece not in seen:
            raise InputError(path, None, None, f"no line {piece}", "a BERT vocabulary (vocab.txt) with [PAD], [UNK], [CLS] and [SEP]")
    return pieces


def vocabulary_of(prompts, size, lower_case=True):
    """A vocabulary of a log's own: every character of it, alone and within words, and its most frequent words."""
    counts = Counter(word for prompt in prompts for word in words(prompt, lower_case))
    letters = Counter()
    for word, count in counts.items():
        for letter in word:
            letters[letter] += count
    # Ties by spelling, so that equal logs give equal vocabularies.
    def frequent(counter, most):
        return [key for key, _ in sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:most]]
    common = frequent(letters, max(0, (size - len(SPECIAL)) // 4))
    pieces = list(SPECIAL) + common + ["##" + letter for letter in common]
    seen = set(pieces)
    pieces += [word for word in frequent(counts, size) if word not in seen and len(word) <= LONGEST_WORD][:max(0, size - len(pieces))]
    return pieces


def _kind(letter):
    point = ord(letter)
    if point < 0x80:
        if letter in " \t\n\r":
            return "blank"
        if point < 0x20 or point == 0x7F:
            return "nothing"
        return "letter" if letter.isalnum() else "alone"
    category = unicodedata.category(letter)
    if letter == "\ufffd" or category[0] == "C":
        return "nothing"
    if category[0] == "Z":
        return "blank"
    return "alone" if category[0] == "P" or any(first <= point <= last for first, last in IDEOGRAPHS) else "letter"


def _is_punctuation(letter):
    if ord(letter) < 0x80:
        return " " < letter < "\x7f" and not letter.isalnum()
    return unicodedata.category(letter)[0] == "P"


def _normalised(letter):
    return [part for part in unicodedata.normalize("NFD", letter.lower()) if unicodedata.category(part) != "Mn"]
