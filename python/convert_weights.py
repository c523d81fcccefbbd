"""Converts TorchEasyRec checkpoints to safetensors, the format that pepnet reads, and back.

Run it where TorchEasyRec runs. It uses one process and no GPU, and needs only torch. When it reads a checkpoint, it holds one
tensor in memory at a time. It converts weights only, not the optimizer's state.

    python convert_weights.py model/model.ckpt-97 weights.safetensors   # or model: its newest checkpoint
    python convert_weights.py weights.safetensors start/model.ckpt-0    # then: --fine_tune_checkpoint start/model.ckpt-0
                                                                        #       --ignore_restore_optimizer
"""

import glob
import json
import os
import struct
import sys
import warnings

import numpy as np
import torch
import torch.distributed.checkpoint as dcp

warnings.filterwarnings("ignore", message="torch.distributed is")  # expected: there is no process group


def find_checkpoint(folder):
    """Returns the folder that holds `model`: the given folder, or the newest checkpoint in it."""
    if os.path.exists(os.path.join(folder, "model", ".metadata")):
        return folder
    steps = {p: p.rsplit("-", 1)[1] for p in glob.glob(os.path.join(glob.escape(folder), "model.ckpt-*"))}
    steps = {p: int(s) for p, s in steps.items() if s.isdigit() and os.path.exists(os.path.join(p, "model", ".metadata"))}
    if not steps:
        sys.exit(f"{folder}: no checkpoint here; expected model.ckpt-N/model/.metadata")
    return max(steps, key=steps.get)


def to_safetensors(folder, target):
    path = os.path.join(find_checkpoint(folder), "model")
    metadata = dcp.FileSystemReader(path).read_metadata().state_dict_metadata
    tensors = {name: entry for name, entry in sorted(metadata.items()) if hasattr(entry, "size")}
    for name in sorted(metadata.keys() - tensors.keys()):
        print(f"note: skipped {name}, which is not a tensor")
    header, offset = {}, 0
    for name, entry in tensors.items():
        kind, width = ("F32", 4) if entry.properties.dtype.is_floating_point else ("I64", 8)
        size = entry.size.numel() * width
        header[name] = {"dtype": kind, "shape": list(entry.size), "data_offsets": [offset, offset + size]}
        offset += size
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(target + ".writing", "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        for name, entry in tensors.items():
            state = {name: torch.empty(entry.size, dtype=entry.properties.dtype)}
            dcp.load(state, storage_reader=dcp.FileSystemReader(path))
            kind = torch.float32 if header[name]["dtype"] == "F32" else torch.int64
            file.write(state[name].to(kind).contiguous().numpy().tobytes())
    os.replace(target + ".writing", target)
    print(f"{path}: {len(tensors)} tensors to {target}")


def to_checkpoint(source, folder):
    if os.path.exists(folder):
        sys.exit(f"{folder}: already exists; choose another folder")
    if not os.path.isfile(source):
        sys.exit(f"{source}: no such file or folder")
    with open(source, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    state = {}
    for name, entry in header.items():
        kind = {"F32": np.float32, "F16": np.float16, "I64": np.int64}[entry["dtype"]]
        shape, start = tuple(entry["shape"]), 8 + length + entry["data_offsets"][0]
        values = np.memmap(source, kind, "c", start, shape) if 0 not in shape else np.zeros(shape, kind)
        tensor = torch.from_numpy(np.asarray(values)).reshape(shape)
        state[name] = tensor.long() if name.endswith(".num_batches_tracked") else tensor
    dcp.save(state, checkpoint_id=os.path.join(folder, "model"))
    print(f"{source}: {len(state)} tensors to {folder}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert = to_safetensors if os.path.isdir(sys.argv[1]) else to_checkpoint
    convert(sys.argv[1], sys.argv[2])
