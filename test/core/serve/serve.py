"""Serves an exported model without pepnet: encodes rows by encoders.json alone (encoding.py) and predicts with onnxruntime.

serve.py FOLDER ROWS.json OUT.json; rows are a list of objects, predictions an object of lists.
"""
import json
import sys

import numpy as np
import onnxruntime as ort

from encoding import encoded

def sequence_array(encoder, rows):
    """Positions side by side, padded to the longest row."""
    longest = max(1, *(len(positions) for positions in rows))
    if encoder["rows"] is None:
        padded = np.zeros((len(rows), longest, encoder["dim"]), np.float32)
    elif encoder["several"]:
        width = max([1] + [len(items) for positions in rows for items in positions])
        padded = np.full((len(rows), longest, width), -1, np.int64)
        rows = [[items + [-1] * (width - len(items)) for items in positions] for positions in rows]
    else:
        padded = np.full((len(rows), longest), -1, np.int64)
    for row, positions in enumerate(rows):
        if positions:
            padded[row, : len(positions)] = positions
    return padded


def main(folder, rows_file, out_file):
    encoders = json.load(open(f"{folder}/encoders.json", encoding="utf8"))
    rows = json.load(open(rows_file, encoding="utf8"))
    feeds = {}
    for encoder in encoders["features"]:
        if encoder["kind"] == "values":
            feeds[encoder["name"]] = np.array(encoded(encoder, rows), np.float32)
            continue
        found = encoded(encoder, rows, encoders["encoded"])
        if encoder["kind"] == "sequence":
            feeds[encoder["name"]] = sequence_array(encoder, found)
            if encoder["length"]:
                feeds[encoder["length"]] = np.array([len(positions) for positions in found], np.int64)
            continue
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
