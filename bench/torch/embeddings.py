"""Embedding tables with a row-sparse Adagrad, optimised for plain PyTorch.

All tables are in one matrix, as in FBGEMM's table-batched embeddings, which TorchEasyRec uses: one look-up serves all
features, and one update all tables. torch.optim's sparse optimisers are slower, because they sort and coalesce the
gradient of every table. The optimiser is Adagrad, because the models' configs set it.
"""

import torch

EPSILON = 1e-8  # FBGEMM's


class Tables:
    """All tables of a model in one matrix; its last row is zeros, for missing ids."""

    def __init__(self, description):
        self.features = description["features"]  # in the order of the group `all`
        self.dim = description["embeddingDim"]
        self.rate = description["sparse"]["rate"]
        self.starts, rows = {}, 0
        for name, size in description["tables"].items():
            self.starts[name] = (rows, size)
            rows += size
        self.zero_row = rows
        self.weight = torch.zeros(rows + 1, self.dim)
        self.sums = torch.full_like(self.weight, description["sparse"]["accumulator"])
        self.place = torch.empty(rows + 1, dtype=torch.long)
        self.groups = column_ranges(self.features, description["groups"])

    def initialise(self):
        """U(±1/sqrt(rows)) per table."""
        for start, size in self.starts.values():
            self.weight[start : start + size].uniform_(-(size**-0.5), size**-0.5)

    def load(self, weights):
        for name, (start, size) in self.starts.items():
            self.weight[start : start + size] = weights[table_key(name)]

    def state(self):
        return {table_key(name): self.weight[start : start + size] for name, (start, size) in self.starts.items()}

    def ids(self, feature, ids):
        """Converts a feature's ids to rows of the matrix; -1 becomes the row of zeros."""
        start, _ = self.starts[feature["table"]]
        return torch.where(ids < 0, self.zero_row, ids + start)

    def lookup(self, batch):
        """A matrix per group, [rows, dim], each a leaf of the tape if gradients are needed."""
        found = [part.lookup(self.weight) for part in batch.parts]
        everything = found[0] if len(found) == 1 else torch.cat(found, 1)
        return {name: pick(everything, ranges) for name, ranges in self.groups.items()}

    def gradient(self, groups, batch):
        """The touched rows and their summed gradients, from the gradients of the groups' matrices."""
        total = groups["all"].grad
        for name, ranges in self.groups.items():
            if name != "all":
                at = 0
                for start, end in ranges:
                    total[:, start:end] += groups[name].grad[:, at : at + end - start]
                    at += end - start
        ids, gradients, column = [], [], 0
        for part, width in zip(batch.parts, widths_of(batch, self.dim)):
            spread = part.spread(total[:, column : column + width], self.dim)
            column += width
            if spread is not None:
                ids.append(spread[0])
                gradients.append(spread[1])
        return sum_by_row(torch.cat(ids), torch.cat(gradients), self.place)

    def update(self, touched, gradient):
        """Adagrad on the touched rows."""
        sums = self.sums.index_select(0, touched).addcmul_(gradient, gradient)
        self.sums.index_copy_(0, touched, sums)
        step = gradient / sums.sqrt_().add_(EPSILON)
        self.weight.index_copy_(0, touched, self.weight.index_select(0, touched).sub_(step, alpha=self.rate))
        self.weight[self.zero_row] = 0


def table_key(name):
    return f"model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.{name}.weight"


def column_ranges(features, groups):
    """Each group's columns as ranges of the columns of `all`; neighbours share a range."""
    columns, column = {}, 0
    for feature in features:
        columns[feature["name"]] = (column, column + feature["width"])
        column += feature["width"]
    found = {}
    for group, names in groups.items():
        ranges = found[group] = []
        for start, end in (columns[name] for name in names):
            if ranges and ranges[-1][1] == start:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
    return found


def pick(everything, ranges):
    parts = [everything[:, start:end] for start, end in ranges]
    matrix = parts[0].contiguous() if len(parts) == 1 else torch.cat(parts, 1)
    return matrix.detach().requires_grad_(torch.is_grad_enabled())


def widths_of(batch, dim):
    """Columns of each part of a batch."""
    for part in batch.parts:
        if hasattr(part, "values"):
            yield part.values.shape[1]
        else:
            yield dim * (part.ids.shape[1] if part.ids.dim() == 2 else 1)


def sum_by_row(ids, gradient, place):
    """Distinct ids and their summed gradients. `place`, [rows of the tables], is scratch space.

    The last of the equal ids stands for them: a scatter and a look-up instead of the sort of torch.unique.
    """
    numbers = torch.arange(ids.numel())
    place[ids] = numbers
    touched = ids[place[ids] == numbers]
    place[touched] = numbers[: touched.numel()]
    summed = torch.ops.aten.embedding_dense_backward(gradient, place[ids], touched.numel(), -1, False)
    return touched, summed
