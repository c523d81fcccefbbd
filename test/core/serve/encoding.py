"""Encodes rows by encoders.json alone: what docs/serving.md says, in another language.

encoding.py ENCODERS.json ROWS.json OUT.json; rows are a list of objects. Writes each feature's values: pairs of table row and
weight, or numbers.
"""
import datetime
import itertools
import json
import math
import re
import sys

import numpy as np

MASK = (1 << 64) - 1
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?: ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
TRUTHS = {"true": 1, "yes": 1, "t": 1, "false": 0, "no": 0, "f": 0}


def murmur2(data: bytes, seed: int = 0xC70F6907) -> int:
    """MurmurHash2-64A, as libstdc++ hashes strings."""
    mul = 0xC6A4A7935BD1E995
    value = seed ^ (len(data) * mul & MASK)
    aligned = len(data) & ~7
    for at in range(0, aligned, 8):
        word = int.from_bytes(data[at : at + 8], "little") * mul & MASK
        word = (word ^ word >> 47) * mul & MASK
        value = (value ^ word) * mul & MASK
    if aligned < len(data):
        value = (value ^ int.from_bytes(data[aligned:], "little")) * mul & MASK
    value = (value ^ value >> 47) * mul & MASK
    return value ^ value >> 47


def text_of(value):
    """A value as an id's text; JSON has no times, they are text there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"a number with a fraction is no id: {value}")
        return str(int(value))
    return str(value)


def cross_text(value):
    """A value's text in a cross, where a number may have a fraction."""
    return repr(value) if isinstance(value, float) and not value.is_integer() else text_of(value)


def number_of(text):
    """The number that a text says."""
    bare = text.strip()
    if DECIMAL.fullmatch(bare):
        return float(bare)
    if bare.lower() in TRUTHS:
        return TRUTHS[bare.lower()]
    raise ValueError(f"not a number: {text}")


def milliseconds(text):
    """A time as milliseconds since 1970 in UTC, or None."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        return None
    day, clock, seconds, fraction, zone = found.groups()
    offset = 0
    if zone not in (None, "Z"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    time = datetime.datetime.fromisoformat(f"{day}T{clock or '00:00'}:{seconds or '00'}+00:00")
    micros = int((fraction or "")[:6].ljust(6, "0"))
    return (int(time.timestamp()) - offset * 60) * 1000 + micros // 1000 + micros % 1000 / 1000


def normalized(text, value):
    if text is None:
        return value
    if text.startswith("method=expression,expr="):
        sign = lambda x: (x > 0) - (x < 0)
        names = {"x": value, "ln": math.log, "abs": abs, "sign": sign}
        return eval(text.split("expr=", 1)[1].replace("^", "**"), {"__builtins__": {}}, names)
    fields = dict(part.split("=") for part in text.split(","))
    get = lambda name, other=None: float(fields.get(name, other))
    if fields["method"] == "log10":
        return math.log10(value) if value > get("threshold", 1e-10) else get("default", -10)
    if fields["method"] == "zscore":
        return (value - get("mean")) / get("standard_deviation")
    return (value - get("min")) / (get("max") - get("min"))


def row_of(rule, text):
    if rule["kind"] == "hash":
        return murmur2(text.encode()) % rule["size"]
    if rule["kind"] == "vocabulary":
        return rule["values"].get(text, rule["outside"])
    number = number_of(text)
    if number != int(number):
        raise ValueError(f"no whole number: {text}")
    return int(number) if 0 <= number < rule["count"] else rule["outside"]


def tokens(value, separator):
    """A cell's values."""
    if value is None:
        return []
    items = value if isinstance(value, list) else value.split(separator) if isinstance(value, str) else [value]
    return [item for item in items if item is not None and item != "" and item == item]


COMPARE = {
    "above": lambda value, limit: value > limit,
    "atLeast": lambda value, limit: value >= limit,
    "below": lambda value, limit: value < limit,
    "atMost": lambda value, limit: value <= limit,
}


def time_in(value, unit):
    """A value of a time column as milliseconds since 1970."""
    if unit is not None:
        return number_of(str(value)) * (1000 if unit == "s" else 1)
    return milliseconds(value)


def derive(rule, row):
    """A computed column's value; None: no value."""
    value = row.get(rule["from"])
    if value is None or value == "":
        return None
    kind = rule["kind"]
    if kind in COMPARE:
        return int(COMPARE[kind](value_of(value), rule["value"]))
    if kind == "equals":
        return int(text_of(value) in map(text_of, rule["values"]))
    time = time_in(value, rule["unit"])
    if kind == "days":
        end = rule["until"] if rule["to"] is None else row.get(rule["to"])
        if end is None or end == "":
            return None
        until = milliseconds(end) if rule["to"] is None else time_in(end, rule["unit"])
        return (until - time) / 86400000
    zone = rule["zone"]
    minutes = 0 if zone == "Z" else (int(zone[1:3]) * 60 + int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    clock = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=math.floor(time + minutes * 60000))
    return {"hour": clock.hour, "weekday": clock.weekday(), "month": clock.month - 1}[kind]


def cell(encoder, row):
    """The cell's values: of the first column that is there, or crossed."""
    for column in encoder["columns"]:
        if column in row:
            return tokens(row[column], encoder["separator"])
    crossed = [map(cross_text, tokens(row[column], encoder["separator"])) for column in encoder["cross"]]
    return ["_".join(parts) for parts in itertools.product(*crossed)]


def value_of(item):
    """A number of a feature of numbers."""
    if not isinstance(item, str):
        return item
    time = milliseconds(item)
    return number_of(item) if time is None else time


def in_pieces(edges, value):
    """A number as its share of each piece; the outer pieces go on."""
    shares = (value - np.array(edges[:-1])) / np.diff(edges)
    low, high = np.zeros(len(shares)), np.ones(len(shares))
    low[0], high[-1] = -np.inf, np.inf
    return np.clip(shares, low, high).tolist()


def numbers(encoder, row):
    """Normalised numbers, in pieces if there are edges; a default is not normalised; None: no value."""
    if "pieces" in encoder:
        plain = {key: value for key, value in encoder.items() if key != "pieces"} | {"dim": 1}
        found = numbers(plain, row)
        return [0.0] * encoder["dim"] if found is None else in_pieces(encoder["pieces"], found[0])
    found = cell(encoder, row)
    if found:
        return [normalized(encoder["normalizer"], value_of(item)) for item in found]
    if encoder["default"] == "":
        return None
    given = [float(text) for text in encoder["default"].split(encoder["separator"])]
    return given * encoder["dim"] if len(given) == 1 else given


def ids(encoder, row):
    """Pairs of table row and weight."""
    rule = encoder["rows"]
    if rule["kind"] == "boundaries":
        cuts = np.array(rule["boundaries"], np.float32)
        return [(int((cuts <= np.float32(value)).sum()), 1.0) for value in numbers(encoder, row) or []]
    found = [text_of(item) for item in cell(encoder, row)]
    if not found and encoder["default"] != "":
        return [(row_of(rule, text), 1.0) for text in encoder["default"].split(encoder["separator"])]
    if encoder["weights"] is None:
        return [(row_of(rule, text), 1.0) for text in found]
    pairs = [text.rpartition(":") if ":" in text else (text, ":", "1") for text in found]
    return [(row_of(rule, text), float(weight)) for text, _, weight in pairs]


def positions(encoder, row, is_encoded):
    """A sequence's positions: a table row, a list of table rows, or a list of numbers each."""
    column = next((name for name in encoder["columns"] if name in row), None)
    value = None if column is None else row[column]
    if isinstance(value, str):
        found = [] if value == "" else value.split(encoder["delimiter"])
    else:
        found = [] if value is None else value if isinstance(value, list) else [value]
    nested = any(isinstance(item, list) for item in found)
    split = lambda item: item.split(encoder["separator"]) if isinstance(item, str) else item if isinstance(item, list) else [item]
    found = [split(item) for item in found]
    default = encoder["default"].split(encoder["separator"]) if encoder["default"] else []
    if not found and is_encoded and default:
        found = [[item] for item in default] if isinstance(value, list) and not nested else [default]
    found = found[: encoder["most"]]
    rule = encoder["rows"]

    def coded(item):
        missing = item is None or item == ""
        if missing and is_encoded:
            raise ValueError("a missing value in a sequence of table rows")
        if rule is None or rule["kind"] == "boundaries":
            plain = float(encoder["default"]) if missing else None
            number = plain if missing else normalized(encoder["normalizer"], value_of(item))
            if rule is None:
                return number
            return int((np.array(rule["boundaries"], np.float32) <= np.float32(number)).sum())
        if missing:
            return -1 if encoder["default"] == "" else row_of(rule, encoder["default"])
        return row_of(rule, text_of(item))

    coded_positions = [[coded(item) for item in items] for items in found]
    if rule is None or encoder["several"]:
        return coded_positions
    return [items[0] for items in coded_positions]


def encoded(encoder, rows, is_encoded=False):
    if encoder["kind"] == "sequence":
        return [positions(encoder, row, is_encoded) for row in rows]
    return [(numbers if encoder["kind"] == "values" else ids)(encoder, row) for row in rows]


if __name__ == "__main__":
    encoders_file, rows_file, out_file = sys.argv[1:]
    with open(encoders_file, encoding="utf8") as file:
        encoders = json.load(file)
    with open(rows_file, encoding="utf8") as file:
        data = json.load(file)
    for name, rule in encoders.get("derived", {}).items():
        data = [{**row, name: derive(rule, row)} for row in data]
    with open(out_file, "w", encoding="utf8") as file:
        json.dump({encoder["name"]: encoded(encoder, data, encoders["encoded"]) for encoder in encoders["features"]}, file)
