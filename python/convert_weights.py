"""Converts TorchEasyRec checkpoints to safetensors, the format that pepnet reads, and back.

Run it where TorchEasyRec runs. It uses one process and no GPU, and needs only torch. When it reads a checkpoint, it holds one
tensor in memory at a time. It converts weights and their moving averages (dense_ema), not the optimizer's state. The
average of a weight is named as the weight and `.ema`.

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

AVERAGE = ".ema"
COUNT = "__n_averaged__"  # TorchEasyRec's number of averaged steps

warnings.filterwarnings("ignore", message="torch.distributed is")  # expected: there is no process group


def find_checkpoint(folder):
    """Returns the folder that holds `model`: the given folder, or the newest complete checkpoint in it."""
    if os.path.exists(os.path.join(folder, "model", ".metadata")):
        return folder
    steps = {p: p.rsplit("-", 1)[1] for p in glob.glob(os.path.join(glob.escape(folder), "model.ckpt-*"))}
    steps = {p: int(s) for p, s in steps.items() if s.isdigit() and os.path.exists(os.path.join(p, "model", ".metadata"))}
    marked = {p: s for p, s in steps.items() if os.path.exists(os.path.join(p, "_SUCCESS"))}
    steps = marked or steps  # newer versions mark a checkpoint when its last file is written
    single = os.path.join(folder, "model.ckpt")
    if not steps and os.path.exists(os.path.join(single, "model", ".metadata")):
        return single
    if not steps:
        sys.exit(f"{folder}: no checkpoint here; expected model.ckpt-N/model/.metadata")
    return max(steps, key=steps.get)


def to_safetensors(folder, target):
    checkpoint = find_checkpoint(folder)
    parts = {"": os.path.join(checkpoint, "model"), AVERAGE: os.path.join(checkpoint, "dense_ema")}
    if not os.path.exists(parts[AVERAGE]):
        del parts[AVERAGE]
    tensors = []
    for suffix, path in parts.items():
        if not os.path.exists(os.path.join(path, ".metadata")):
            sys.exit(f"{path}: incomplete, without .metadata; choose another checkpoint")
        for name, entry in sorted(dcp.FileSystemReader(path).read_metadata().state_dict_metadata.items()):
            if hasattr(entry, "size") and name != COUNT:
                tensors.append((name + suffix, name, path, entry))
            elif name != COUNT:
                print(f"note: skipped {name}, which is not a tensor")
    header, offset = {}, 0
    for written, _, _, entry in tensors:
        kind, width = ("F32", 4) if entry.properties.dtype.is_floating_point else ("I64", 8)
        size = entry.size.numel() * width
        header[written] = {"dtype": kind, "shape": list(entry.size), "data_offsets": [offset, offset + size]}
        offset += size
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(target + ".writing", "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        for written, name, path, entry in tensors:
            state = {name: torch.empty(entry.size, dtype=entry.properties.dtype)}
            dcp.load(state, storage_reader=dcp.FileSystemReader(path))
            kind = torch.float32 if header[written]["dtype"] == "F32" else torch.int64
            file.write(state[name].to(kind).contiguous().numpy().tobytes())
    os.replace(target + ".writing", target)
    averages = sum(written.endswith(AVERAGE) for written, *_ in tensors)
    kinds = f"{averages} of them moving averages" if averages else "trained weights without moving averages (dense_ema)"
    print(f"{checkpoint}: {len(tensors)} tensors to {target}, {kinds}")


def to_checkpoint(source, folder):
    if os.path.exists(folder):
        sys.exit(f"{folder}: already exists; choose another folder")
    if not os.path.isfile(source):
        sys.exit(f"{source}: no such file or folder")
    with open(source, "rb") as file:
        start = file.read(8)
        if start.startswith(b"PK"):
            sys.exit(
                f"{source}: a model exported for serving (TorchScript or torch.save), not a checkpoint; convert the"
                " checkpoint it was exported from: python convert_weights.py model/model.ckpt-N weights.safetensors"
            )
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 0 < length <= os.path.getsize(source) - 8:
            sys.exit(f"{source}: not a safetensors file; expected a folder with model.ckpt-N, or weights.safetensors")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    state, averages = {}, {}
    for name, entry in header.items():
        kind = {"F32": np.float32, "F16": np.float16, "I64": np.int64}[entry["dtype"]]
        shape, start = tuple(entry["shape"]), 8 + length + entry["data_offsets"][0]
        values = np.memmap(source, kind, "c", start, shape) if 0 not in shape else np.zeros(shape, kind)
        tensor = torch.from_numpy(np.asarray(values)).reshape(shape)
        if name.endswith(AVERAGE):
            averages[name[: -len(AVERAGE)]] = tensor
        else:
            state[name] = tensor.long() if name.endswith(".num_batches_tracked") else tensor
    dcp.save(state, checkpoint_id=os.path.join(folder, "model"))
    if averages:  # a count of 0 would replace the averages by the weights
        dcp.save({**averages, COUNT: torch.tensor(1)}, checkpoint_id=os.path.join(folder, "dense_ema"))
    print(f"{source}: {len(state) + len(averages)} tensors to {folder}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert = to_safetensors if os.path.isdir(sys.argv[1]) else to_checkpoint
    convert(sys.argv[1], sys.argv[2])
