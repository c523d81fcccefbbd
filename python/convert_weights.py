"""Converts TorchEasyRec checkpoints to safetensors, the format that pepnet reads, and back.

Run it where TorchEasyRec runs. It uses one process and no GPU, and needs only torch. When it reads a checkpoint, it holds one
tensor in memory at a time. It converts weights, their moving averages (dense_ema; named as the weight and `.ema`) and, if
asked, the state of the optimizers.

    python convert_weights.py model/model.ckpt-97 weights.safetensors   # or model: its newest checkpoint
    python convert_weights.py model/model.ckpt-97 weights.safetensors optimizer.safetensors   # and the optimizers
    python convert_weights.py runs/first start/model.ckpt-97            # a training of pepnet, with its optimizers, then:
                                                                        # --fine_tune_checkpoint start/model.ckpt-97
    python convert_weights.py weights.safetensors start/model.ckpt-0    # weights only, then: --fine_tune_checkpoint
                                                                        # start/model.ckpt-0 --ignore_restore_optimizer
"""

import glob
import json
import os
import re
import struct
import sys
import warnings

import numpy as np
import torch
import torch.distributed.checkpoint as dcp

AVERAGE = ".ema"
TRAINED = ".trained"  # in a training of pepnet: weights where predictions use averages
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


def metadata(path):
    if not os.path.exists(os.path.join(path, ".metadata")):
        sys.exit(f"{path}: incomplete, without .metadata; choose another checkpoint")
    return sorted(dcp.FileSystemReader(path).read_metadata().state_dict_metadata.items())


def write(target, tensors, counts=None):
    """Writes tensors of checkpoints, each (name to write, name there, folder, its metadata), and single numbers."""
    header, offset = {}, 0
    for name, *_, entry in tensors + [(name, None) for name in counts or {}]:
        kind, width = ("F32", 4) if entry is None or entry.properties.dtype.is_floating_point else ("I64", 8)
        shape = [] if entry is None else list(entry.size)
        size = int(np.prod(shape, dtype=np.int64)) * width
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
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
        for count in (counts or {}).values():
            file.write(struct.pack("<f", count))
    os.replace(target + ".writing", target)


def to_safetensors(folder, target, optimizer=None):
    checkpoint = find_checkpoint(folder)
    parts = {"": os.path.join(checkpoint, "model"), AVERAGE: os.path.join(checkpoint, "dense_ema")}
    if not os.path.exists(parts[AVERAGE]):
        del parts[AVERAGE]
    tensors = []
    for suffix, path in parts.items():
        for name, entry in metadata(path):
            if hasattr(entry, "size") and name != COUNT:
                tensors.append((name + suffix, name, path, entry))
            elif name != COUNT:
                print(f"note: skipped {name}, which is not a tensor")
    if optimizer is not None:
        optimizer_to_safetensors(checkpoint, [name for name, *_ in tensors], optimizer)
    write(target, tensors)
    averages = sum(written.endswith(AVERAGE) for written, *_ in tensors)
    kinds = f"{averages} of them moving averages" if averages else "trained weights without moving averages (dense_ema)"
    print(f"{checkpoint}: {len(tensors)} tensors to {target}, {kinds}")


def fused(weight):
    """The start of the names of a table's state under the sparse optimizer, or None if the weight is no table."""
    table = re.search(r"\.(?:embedding_bags|embeddings)\.(.+)\.weight$", weight)
    return table and f"{weight}.{table[1]}"


def optimizer_to_safetensors(checkpoint, weights, target):
    """Writes arrays as `weight.slot`, and the number of updates, or of batches if no optimizer counts updates."""
    path = os.path.join(checkpoint, "optimizer")
    if not os.path.exists(path):
        sys.exit(f"{path}: no such folder; this checkpoint has no state of optimizers, so leave out {target}")
    owners = {start: weight for weight in weights for start in (weight, fused(weight)) if start}
    entries, tensors, updates = dict(metadata(path)), [], 0
    for name, entry in entries.items():
        owner, _, slot = name[len("state.") :].rpartition(".")
        if not name.startswith("state.") or owner not in owners or not hasattr(entry, "size"):
            if not name.startswith("param_groups"):  # rates, which follow from the config
                print(f"note: skipped {name}, which belongs to no weight")
        elif slot == "step":
            state = {name: torch.empty(entry.size, dtype=entry.properties.dtype)}
            dcp.load(state, storage_reader=dcp.FileSystemReader(path))
            updates = max(updates, int(state[name]))
        else:
            if slot == "momentum1":  # FBGEMM's name of the first state
                slot = "exp_avg" if f"state.{owner}.exp_avg_sq" in entries else "sum"
            tensors.append((f"{owners[owner]}.{slot}", name, path, entry))
    batch = re.search(r"model\.ckpt-(\d+)$", os.path.abspath(checkpoint))  # counted from 0
    counts = {"updates": updates} if updates else {"batches": int(batch[1]) + 1} if batch else {}
    write(target, tensors, counts)
    print(f"{path}: {len(tensors)} arrays to {target}, {', '.join(f'{n} {name}' for name, n in counts.items())}")


def read_safetensors(source):
    """Returns the tensors by name, mapped from the file."""
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
    tensors = {}
    for name, entry in header.items():
        kind = {"F32": np.float32, "F16": np.float16, "I64": np.int64}[entry["dtype"]]
        shape, start = tuple(entry["shape"]), 8 + length + entry["data_offsets"][0]
        values = np.memmap(source, kind, "c", start, shape) if 0 not in shape else np.zeros(shape, kind)
        tensors[name] = torch.from_numpy(np.asarray(values)).reshape(shape)
    return tensors


def find_training(folder):
    """Returns the folder with a run of pepnet: the given one, or its newest checkpoint-N; None if there is neither."""
    if os.path.exists(os.path.join(folder, "run.json")):
        return folder
    steps = {p: p.rsplit("-", 1)[1] for p in glob.glob(os.path.join(glob.escape(folder), "checkpoint-*"))}
    steps = {p: int(s) for p, s in steps.items() if s.isdigit() and os.path.exists(os.path.join(p, "run.json"))}
    return max(steps, key=steps.get, default=None)


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def optimizer_state(run, slots, weights):
    """Names arrays as TorchEasyRec does: a table's may be of the sparse or of the dense optimizer, and it takes its own."""
    every, step = (read_json(os.path.join(run, name)) for name in ("spec.json", "training.json"))
    every, step = every["training"]["gradientAccumulation"], step["step"]
    split = {name: name.rpartition(".") for name in slots}
    dense = {slot for weight, _, slot in split.values() if not fused(weight)}
    state = {}
    for name, (weight, _, slot) in split.items():
        if weight not in weights:
            sys.exit(f"{run}: the optimizer state {name} belongs to no weight; use an undamaged copy")
        if slot == "gradient_sum":
            if slots[name].count_nonzero():
                print(f"note: left out {name}: gradients that wait for the last of {every} batches")
            continue
        if fused(weight):
            first = slot == "exp_avg" or slot == "sum"
            state[f"state.{fused(weight)}.{'momentum1' if first else slot}"] = slots[name]
        if not fused(weight) or slot in dense:
            state[f"state.{weight}.{slot}"] = slots[name]
            if slot != "momentum_buffer":  # SGD counts no steps
                state[f"state.{weight}.step"] = torch.tensor(float(step // every))
    return state, step, step // every


def to_checkpoint(source, folder):
    if os.path.exists(folder):
        sys.exit(f"{folder}: already exists; choose another folder")
    run = find_training(source) if os.path.isdir(source) else None
    state = read_safetensors(source if run is None else os.path.join(run, "weights.safetensors"))
    averages, slots, updates = {}, {}, 1
    if run is not None and os.path.exists(os.path.join(run, "training.json")):
        for name, tensor in read_safetensors(os.path.join(run, "optimizer.safetensors")).items():
            if name.endswith(TRAINED):
                state[name[: -len(TRAINED)]] = tensor
            elif name.endswith(AVERAGE):
                averages[name[: -len(AVERAGE)]] = tensor
            else:
                slots[name] = tensor
        slots, step, updates = optimizer_state(run, slots, state)
    for name in [name for name in state if name.endswith(AVERAGE)]:
        averages[name[: -len(AVERAGE)]] = state.pop(name)
    state = {name: t.long() if name.endswith(".num_batches_tracked") else t for name, t in state.items()}
    dcp.save(state, checkpoint_id=os.path.join(folder, "model"))
    if averages:  # a count of 0 would replace the averages by the weights
        dcp.save({**averages, COUNT: torch.tensor(max(updates, 1))}, checkpoint_id=os.path.join(folder, "dense_ema"))
    if slots:
        dcp.save(slots, checkpoint_id=os.path.join(folder, "optimizer"))
        print(f"{run}: the state of the optimizers after {step} steps; rates start anew there, from the config")
    elif run is not None:
        print(f"{run}: without the state of optimizers, which only a training's folder has: --ignore_restore_optimizer")
    print(f"{source}: {len(state) + len(averages)} tensors to {folder}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    is_ours = not os.path.isdir(sys.argv[1]) or find_training(sys.argv[1]) is not None
    if is_ours and len(sys.argv) == 4:
        sys.exit(f"{sys.argv[3]}: one argument too many; a checkpoint is one folder, with the optimizers of the training")
    (to_checkpoint if is_ours else to_safetensors)(*sys.argv[1:])
