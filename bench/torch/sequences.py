"""A behaviour sequence with DIN in plain PyTorch, with TorchEasyRec's parameter names, computed in two ways.

Plain, as in TorchEasyRec: the MLP reads the joined [q, s, q - s, q * s] of every position. With savings: its first
layer is computed by blocks of its weight, the query's part once a row, as in the compiled engine.

As in TorchEasyRec on a CPU, the dense optimiser trains the sequence's tables, every row at every step. All of them
share one matrix, so that one look-up and one gradient serve all fields of the query and of the positions.
"""

import torch
from torch import nn
from torch.nn import functional as F

MASKED = -(2**31) + 1


class SequenceTables(nn.Module):
    """Tables of equal width in one matrix; its last row is zeros, for padding."""

    def __init__(self, description):
        super().__init__()
        self.dim, self.starts, rows = description["dim"], {}, 0
        for name, size in description["tables"].items():
            self.starts[name] = (rows, size)
            rows += size
        self.zero_row = rows
        self.weight = nn.Parameter(torch.zeros(rows + 1, self.dim))

    def forward(self, ids):
        """[…, fields] to […, fields * dim]."""
        found = F.embedding(ids, self.weight, padding_idx=self.zero_row)
        return found.view(*ids.shape[:-1], ids.shape[-1] * self.dim)

    def load(self, weights):
        with torch.no_grad():
            for name, (start, size) in self.starts.items():
                self.weight[start : start + size] = weights[self.key(name)]

    def state(self, values):
        """Parts of a matrix like the weight, by parameter name."""
        return {self.key(name): values[start : start + size] for name, (start, size) in self.starts.items()}

    def key(self, name):
        return f"model.embedding_group.seq_emb_impls.__BASE__.ec_dict.{self.dim}.embeddings.{name}.weight"


class Din(nn.Module):
    """Attention of a query to the positions of a sequence."""

    def __init__(self, width, hidden, savings):
        super().__init__()
        self.width, self.savings = width, savings
        dims = [4 * width, *hidden]
        layers = [nn.Module() for _ in hidden]
        for layer, a, b in zip(layers, dims, dims[1:]):
            layer.perceptron = nn.Sequential(nn.Linear(a, b), nn.ReLU())
        self.mlp = nn.Module()
        self.mlp.mlp = nn.ModuleList(layers)
        self.linear = nn.Linear(dims[-1], 1)

    def forward(self, query, sequence, mask):
        first, *rest = self.mlp.mlp
        hidden = self.blocks(first, query, sequence) if self.savings else self.joined(first, query, sequence)
        for layer in rest:
            hidden = layer.perceptron(hidden)
        scores = self.linear(hidden).squeeze(2)
        weights = torch.softmax(torch.where(mask, scores, torch.full_like(scores, MASKED)), 1)
        return torch.matmul(weights.unsqueeze(1), sequence).squeeze(1)

    def joined(self, first, query, sequence):
        q = query.unsqueeze(1).expand(-1, sequence.shape[1], -1)
        return first.perceptron(torch.cat([q, sequence, q - sequence, q * sequence], 2))

    def blocks(self, first, query, sequence):
        linear, relu = first.perceptron
        of_query, of_position, of_difference, of_product = linear.weight.split(self.width, 1)
        moving = F.linear(sequence, of_position - of_difference)
        moving = moving + F.linear(sequence * query.unsqueeze(1), of_product)
        return relu(moving + F.linear(query, of_query + of_difference, linear.bias).unsqueeze(1))


class Clicks:
    """Ids of a batch: [rows, 1 + longest, fields], the query's first; and the mask [rows, longest]."""

    def __init__(self, ids, mask):
        self.ids, self.mask = ids, mask

    def sorted_by(self, order):
        return Clicks(self.ids.index_select(0, order), self.mask.index_select(0, order))


class Encoder(nn.Module):
    """The columns that DIN adds to the group `all`."""

    def __init__(self, description, savings):
        super().__init__()
        self.tables = SequenceTables(description)
        self.din = Din(description["width"], description["hidden"], savings)
        self.description = description

    def forward(self, clicks):
        found = self.tables(clicks.ids)
        return self.din(found[:, 0], found[:, 1:], clicks.mask)

    def clicks(self, arrays):
        """A batch's ids from the arrays of bench/torch/batch-arrays.ts."""
        query = torch.stack([self.rows(arrays, field) for field in self.description["query"]], 1)
        offsets = torch.from_numpy(arrays[f"feature.{self.description['sequence'][0]['name']}.offsets"]).long()
        lengths = torch.diff(offsets)
        positions = torch.arange(int(lengths.max()))
        mask = positions < lengths.unsqueeze(1)
        sequence = torch.full((*mask.shape, len(self.description["sequence"])), self.tables.zero_row)
        sequence[mask] = torch.stack([self.rows(arrays, field) for field in self.description["sequence"]], 1)
        return Clicks(torch.cat([query.unsqueeze(1), sequence], 1).contiguous(), mask)

    def rows(self, arrays, field):
        ids = torch.from_numpy(arrays[f"feature.{field['name']}"]).long()
        return torch.where(ids < 0, self.tables.zero_row, ids + self.tables.starts[field["table"]][0])

    def load(self, weights):
        self.tables.load(weights)
        prefix = self.description["prefix"]
        self.din.load_state_dict({name: weights[f"{prefix}.{name}"] for name in self.din.state_dict()})

    def state(self, gradients=False):
        """Weights, or gradients, by parameter name."""
        values = {name: p.grad if gradients else p.detach() for name, p in self.din.named_parameters()}
        dense = {f"{self.description['prefix']}.{name}": value for name, value in values.items()}
        table = self.tables.weight.grad if gradients else self.tables.weight.detach()
        return {**dense, **self.tables.state(table)}
