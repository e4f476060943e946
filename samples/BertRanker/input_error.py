"""What is wrong with a file or an option, said as llmsched says it."""

LONGEST_FOUND = 80


class InputError(Exception):
    """`source:line: field F: found X; allowed Y.`, without what is None."""

    def __init__(self, source, line, field, found, allowed):
        place = str(source) if line is None else f"{source}:{line}"
        part = "" if field is None else f"field {_one_line(field)}: "
        super().__init__(f"{place}: {part}found {_one_line(found)}; allowed {allowed}.")


def _one_line(text):
    text = text if len(text) <= LONGEST_FOUND else text[:LONGEST_FOUND] + "..."
    return "".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" else c for c in text)
