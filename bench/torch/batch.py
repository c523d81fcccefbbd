"""Batches as tensors, prepared before the step as by TorchEasyRec's data loader.

A batch's columns are parts in the order of the group `all`; each part looks its columns up in the tables and spreads
their gradient over ids.
"""

import torch
from torch.nn import functional as F


class Ids:
    """One id per row, of neighbouring features, [rows, features]."""

    def __init__(self, ids):
        self.ids = ids

    def lookup(self, weight):
        return weight.index_select(0, self.ids.flatten()).view(self.ids.shape[0], -1)

    def spread(self, gradient, dim):
        return self.ids.flatten(), gradient.reshape(-1, dim)

    def sorted_by(self, order):
        return Ids(self.ids.index_select(0, order))


class Bag:
    """Several ids per row of one feature. Sorting sorts the pooled rows."""

    def __init__(self, ids, offsets, pooling, order=None):
        self.ids, self.offsets, self.pooling, self.order = ids, offsets, pooling, order
        counts = torch.diff(offsets, append=torch.tensor([ids.numel()]))
        places = torch.arange(offsets.numel())
        if order is not None:
            places = torch.empty_like(order).scatter_(0, order, places)
        self.place = torch.repeat_interleave(places, counts)
        self.scale = torch.repeat_interleave(1.0 / counts, counts).unsqueeze(1) if pooling == "mean" else None

    def lookup(self, weight):
        pooled = F.embedding_bag(self.ids, weight, self.offsets, mode=self.pooling)
        return pooled if self.order is None else pooled.index_select(0, self.order)

    def spread(self, gradient, dim):
        own = gradient.index_select(0, self.place)
        return self.ids, own if self.scale is None else own * self.scale

    def sorted_by(self, order):
        return Bag(self.ids, self.offsets, self.pooling, order)


class Dense:
    """Unchanged values, [rows, width]."""

    def __init__(self, values):
        self.values = values

    def lookup(self, _):
        return self.values

    def spread(self, gradient, dim):
        return None

    def sorted_by(self, order):
        return Dense(self.values.index_select(0, order))


class Batch:
    """Columns of features, labels by name, domains of rows, and ids of a sequence; `counts` by domain if sorted."""

    def __init__(self, parts, labels, domains, clicks=None, counts=None):
        self.rows = domains.shape[0]
        self.parts, self.labels, self.domains, self.clicks, self.counts = parts, labels, domains, clicks, counts

    def by_domain(self, count):
        """The same rows sorted by domain."""
        order = torch.argsort(self.domains, stable=True)
        parts = [part.sorted_by(order) for part in self.parts]
        labels = {name: values.index_select(0, order) for name, values in self.labels.items()}
        counts = torch.bincount(self.domains, minlength=count).tolist()
        clicks = None if self.clicks is None else self.clicks.sorted_by(order)
        sorted_batch = Batch(parts, labels, self.domains.index_select(0, order), clicks, counts)
        sorted_batch.order = order
        return sorted_batch


def batch_from_arrays(arrays, tables, encoder):
    """Makes a batch from the arrays of bench/torch/batch-arrays.ts."""
    parts, run = [], []

    def end_run():
        if run:
            parts.append(Ids(torch.stack(run, 1).contiguous()))
            run.clear()

    for feature in tables.features:
        key = f"feature.{feature['name']}"
        if feature["table"] is None:
            end_run()
            parts.append(Dense(torch.from_numpy(arrays[key])))
            continue
        ids = tables.ids(feature, torch.from_numpy(arrays[key]).long())
        if f"{key}.offsets" in arrays:
            end_run()
            parts.append(Bag(ids, torch.from_numpy(arrays[f"{key}.offsets"]).long()[:-1], feature["pooling"]))
        else:
            run.append(ids)
    end_run()
    labels = {name[6:]: torch.from_numpy(values) for name, values in arrays.items() if name.startswith("label.")}
    clicks = None if encoder is None else encoder.clicks(arrays)
    return Batch(parts, labels, torch.from_numpy(arrays["domains"]).long(), clicks)
