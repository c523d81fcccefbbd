"""Serves an exported model without pepnet: encodes rows by encoders.json alone (encoding.py) and predicts with onnxruntime.

serve.py FOLDER ROWS.json OUT.json; rows are a list of objects, predictions an object of lists.
"""
import json
import sys

import numpy as np
import onnxruntime as ort

from encoding import encoded

def main(folder, rows_file, out_file):
    encoders = json.load(open(f"{folder}/encoders.json", encoding="utf8"))
    rows = json.load(open(rows_file, encoding="utf8"))
    feeds = {}
    for encoder in encoders["features"]:
        if encoder["kind"] == "values":
            feeds[encoder["name"]] = np.array(encoded(encoder, rows), np.float32)
            continue
        found = encoded(encoder, rows)
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
