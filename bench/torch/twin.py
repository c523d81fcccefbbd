"""The bench's PyTorch peer: reads one command per line and answers each with a line of JSON.

It computes only between a command and its answer, so that the bench can time it and the engine in turn.
"""

import json
import os
import sys
import traceback

import torch
from arrays import read_arrays, write_arrays
from batch import batch_from_arrays
from trainer import Twin
from whole_run import train_from_parquet

twins, batches, operands = {}, {}, {}


def numbers(losses):
    return [loss.item() for loss in losses]


def load(name, description, savings, weights):
    twins[name] = Twin(description, savings)
    twins[name].load(read_arrays(weights))


def batch(name, twin, file):
    batches[name] = batch_from_arrays(read_arrays(file), twins[twin].tables, twins[twin].encoder)


def step(twin, batch, times):
    for _ in range(times):
        found = twins[twin].step(batches[batch])
    return numbers(found)


def gradients(twin, batch, file):
    found, arrays = twins[twin].gradients(batches[batch])
    write_arrays(file, {name: values.numpy() for name, values in arrays.items()})
    return numbers(found)


def predict(twin, batches_of):
    found = [twins[twin].predict(batches[name]) for name in batches_of]
    return [float(torch.cat(task).mean()) for task in zip(*found)]


def predictions(twin, batch, file):
    found = twins[twin].predict(batches[batch])
    write_arrays(file, {str(task): values.numpy() for task, values in enumerate(found)})


def products(layers):
    """Computes the matrix products of a step: forward x·wᵀ, backward gᵀ·x and, for inputs with a gradient, g·v."""
    for layer in layers:
        rows, width, out, back = (layer[key] for key in ("rows", "inDim", "outDim", "backward"))
        key = (rows, width, out, back)
        if key not in operands:
            shapes = [(rows, width), (out, width), (rows, out), (out, back)]
            operands[key] = [torch.full(shape, 0.5) for shape in shapes]
        x, w, g, v = operands[key]
        for _ in range(layer["times"]):
            x @ w.t()
            g.t() @ x
            if back > 0:
                g @ v


def version():
    return {"torch": torch.__version__, "threads": torch.get_num_threads(), "pid": os.getpid()}


COMMANDS = [load, batch, step, gradients, predict, predictions, products, version, train_from_parquet]


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    commands = {command.__name__: command for command in COMMANDS}
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    for line in sys.stdin:
        given = json.loads(line)
        try:
            answer = {"result": commands[given["command"]](**given["arguments"])}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers)


main()
