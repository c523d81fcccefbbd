"""Patterns and names as JSON from standard input; what Python's re says of them to standard output."""
import json
import re
import sys
import warnings

warnings.simplefilter("ignore")


def answer(pattern, names):
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, ValueError):
        return None
    return [re.fullmatch(compiled, name) is not None for name in names]


json.dump([answer(*case) for case in json.load(sys.stdin)], sys.stdout)
