"""Reads and writes named arrays as safetensors files, in the format of bench/torch/arrays.ts."""

import json

import numpy as np

DTYPES = {"F32": np.float32, "I32": np.int32}


def read_arrays(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        content = file.read()
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        array = np.frombuffer(content[start:end], DTYPES[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"]).copy()
    return arrays


def write_arrays(path, arrays):
    header, parts, offset = {}, [], 0
    for name, array in arrays.items():
        content = np.ascontiguousarray(array, dtype=np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + len(content)]}
        offset += len(content)
        parts.append(content)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))
