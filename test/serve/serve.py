"""Serves an exported model without pepnet: encodes rows by encoders.json alone and predicts with onnxruntime.

serve.py FOLDER ROWS.json OUT.json; rows are a list of objects, predictions an object of lists.
"""
import itertools
import json
import math
import sys

import numpy as np
import onnxruntime as ort

MASK = (1 << 64) - 1


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


def normalized(text, value):
    if text is None:
        return value
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
    return int(text) if 0 <= int(text) < rule["count"] else rule["outside"]


def tokens(value, separator):
    """A cell's values as texts."""
    if value is None:
        return []
    if isinstance(value, list):
        return [str(item) for item in value if item is not None and item != ""]
    return [part for part in str(value).split(separator) if part != ""]


def cell(encoder, row):
    """The cell's values: of the first column that is there, or crossed."""
    for column in encoder["columns"]:
        if column in row:
            return tokens(row[column], encoder["separator"])
    crossed = [tokens(row[column], encoder["separator"]) for column in encoder["cross"]]
    return ["_".join(parts) for parts in itertools.product(*crossed)]


def numbers(encoder, row):
    """Normalised numbers; a default is not normalised; None: no value."""
    found = cell(encoder, row)
    if found:
        return [normalized(encoder["normalizer"], float(text)) for text in found]
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
    found = cell(encoder, row)
    if not found and encoder["default"] != "":
        return [(row_of(rule, text), 1.0) for text in encoder["default"].split(encoder["separator"])]
    if encoder["weights"] is None:
        return [(row_of(rule, text), 1.0) for text in found]
    pairs = [text.rpartition(":") if ":" in text else (text, ":", "1") for text in found]
    return [(row_of(rule, text), float(weight)) for text, _, weight in pairs]


def main(folder, rows_file, out_file):
    encoders = json.load(open(f"{folder}/encoders.json", encoding="utf8"))
    rows = json.load(open(rows_file, encoding="utf8"))
    feeds = {}
    for encoder in encoders["features"]:
        if encoder["kind"] == "values":
            feeds[encoder["name"]] = np.array([numbers(encoder, row) for row in rows], np.float32)
            continue
        found = [ids(encoder, row) for row in rows]
        width = max(1, *(len(pairs) for pairs in found))
        padded = [pairs + [(-1, 0.0)] * (width - len(pairs)) for pairs in found]
        feeds[encoder["name"]] = np.array([[row for row, _ in pairs] for pairs in padded], np.int64)
        if encoder["weights"]:
            feeds[encoder["weights"]] = np.array([[weight for _, weight in pairs] for pairs in padded], np.float32)
    session = ort.InferenceSession(f"{folder}/model.onnx")
    names = [output["name"] for output in encoders["outputs"]]
    predictions = dict(zip(names, session.run(names, feeds)))
    json.dump({name: values.tolist() for name, values in predictions.items()}, open(out_file, "w"))


main(*sys.argv[1:])
