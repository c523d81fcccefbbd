"""PEPNet in plain PyTorch modules, with TorchEasyRec's parameter names, computed in two ways.

Plain, as in TorchEasyRec: every tower computes every row, and gradients go through the whole input of a gate. With
savings: the three savings of the compiled engine, written by hand. Rows are sorted by domain and each tower computes
the rows of its domain; a task's branch leaves out rows outside the task's space; a gate's input gradient has only the
prior's columns. The results are the same.
"""

import torch
from torch import nn
from torch.nn import functional as F


class PriorLinear(torch.autograd.Function):
    """A linear layer over [prior | stopped rest], whose gradient is computed for the prior's columns only."""

    @staticmethod
    def forward(ctx, prior, joined, weight, bias):
        ctx.save_for_backward(joined, weight)
        ctx.prior_dim = prior.shape[1]
        return F.linear(joined, weight, bias)

    @staticmethod
    def backward(ctx, gradient):
        joined, weight = ctx.saved_tensors
        return gradient @ weight[:, : ctx.prior_dim], None, gradient.t() @ joined, gradient.sum(0)


class GateInput:
    """[prior | stopped main], joined once for all gates that read it."""

    def __init__(self, prior, main, savings):
        self.prior = prior if savings else None
        self.joined = torch.cat([prior.detach() if savings else prior, main.detach()], 1)

    def rows(self, picked):
        """The gate for some rows (savings only)."""
        own = object.__new__(GateInput)
        own.prior = self.prior.index_select(0, picked)
        own.joined = self.joined.index_select(0, picked)
        return own


class GateNU(nn.Module):
    """Linear, ReLU, Linear, gamma * sigmoid."""

    def __init__(self, in_dim, hidden, out_dim, gamma):
        super().__init__()
        self.gamma = gamma
        self.dense_layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, out_dim), nn.Sigmoid())

    def forward(self, given):
        first, relu, second, sigmoid = self.dense_layers
        if given.prior is None or not torch.is_grad_enabled():
            hidden = first(given.joined)
        else:
            hidden = PriorLinear.apply(given.prior, given.joined, first.weight, first.bias)
        return sigmoid(second(relu(hidden))) * self.gamma


class Perceptron(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.perceptron = nn.Sequential(nn.Linear(in_dim, out_dim), nn.ReLU())

    def forward(self, x):
        return self.perceptron(x)


class TowerMlp(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.mlp = nn.ModuleList(Perceptron(a, b) for a, b in zip(dims, dims[1:]))


class TaskTower(nn.Module):
    """An MLP and a last linear layer."""

    def __init__(self, in_dim, hidden):
        super().__init__()
        dims = [in_dim, *hidden]
        self.tower_mlp = TowerMlp(dims)
        self.linear = nn.Linear(dims[-1], 1)

    def forward(self, x):
        for layer in self.tower_mlp.mlp:
            x = layer(x)
        return self.linear(x)


class Epnet(nn.Module):
    def __init__(self, domain_dim, all_dim, hidden, gamma):
        super().__init__()
        self.gate_nu = GateNU(domain_dim + all_dim, hidden, all_dim, gamma)

    def forward(self, domain, main, savings):
        return self.gate_nu(GateInput(domain, main, savings)) * main


class Ppnet(nn.Module):
    """Per task t and layer j: relu(Linear(h)) * gate([uia | stopped main])."""

    def __init__(self, uia_dim, main_dim, hidden, gamma, tasks):
        super().__init__()
        dims = [main_dim, *hidden]
        pairs = list(zip(dims, dims[1:])) * tasks
        self.layers = len(hidden)
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)
        self.gate_nus = nn.ModuleList(GateNU(uia_dim + main_dim, b, b, gamma) for _, b in pairs)

    def forward(self, task, hidden, given):
        for index in range(task * self.layers, (task + 1) * self.layers):
            hidden = F.relu(self.linears[index](hidden)) * self.gate_nus[index](given)
        return hidden


class Pepnet(nn.Module):
    """The dense part: from the groups' matrices to one logit per row and task."""

    def __init__(self, description, savings):
        super().__init__()
        self.savings = savings
        self.tasks = description["tasks"]
        self.domains = description["domains"]
        dims, epnet, ppnet = description["dims"], description["epnet"], description["ppnet"]
        self.epnet = Epnet(dims["domain"], dims["all"], epnet["hidden"], epnet["gamma"])
        self.ppnet = Ppnet(dims["uia"], dims["all"], ppnet["hidden"], ppnet["gamma"], len(self.tasks))
        self._task_tower = nn.ModuleList(
            TaskTower(ppnet["hidden"][-1], task["hidden"]) for task in self.tasks for _ in range(self.domains)
        )

    def forward(self, groups, batch, spaces=None):
        """A tensor of logits per task, [rows], of each row's domain. With savings, rows must be sorted by domain.

        spaces: per task the rows to compute and their counts by domain, or None for all rows.
        """
        main = self.epnet(groups["domain"], groups["all"], self.savings)
        given = GateInput(groups["uia"], main, self.savings)
        logits = []
        for index in range(len(self.tasks)):
            space = None if spaces is None else spaces[index]
            if space is None:
                hidden, counts = self.ppnet(index, main, given), batch.counts
            else:
                rows, counts = space
                hidden = self.ppnet(index, main.index_select(0, rows), given.rows(rows))
            towers = self._task_tower[index * self.domains : (index + 1) * self.domains]
            logits.append(own_towers(towers, hidden, counts) if self.savings else all_towers(towers, hidden, batch.domains))
        return logits


def all_towers(towers, hidden, domains):
    """Computes every tower on every row, then picks the tower of each row's domain."""
    everything = torch.cat([tower(hidden) for tower in towers], 1)
    return everything.gather(1, domains.unsqueeze(1)).squeeze(1)


def own_towers(towers, hidden, counts):
    """Computes each tower on the rows of its domain, which are neighbours."""
    parts = hidden.split(counts)
    return torch.cat([tower(part) for tower, part, count in zip(towers, parts, counts) if count > 0]).squeeze(1)


def losses(model, groups, batch):
    """Each task's loss: the weighted mean of binary cross entropy, weights divided by their mean."""
    weights = [space_weights(task["space"], batch) for task in model.tasks]
    if not model.savings:
        logits = model(groups, batch)
        return [bce_mean(z, batch.labels[t["label"]], w) for t, z, w in zip(model.tasks, logits, weights)]
    spaces = [None if w is None else rows_in_space(task["space"], w, batch) for task, w in zip(model.tasks, weights)]
    logits = model(groups, batch, spaces)
    found = []
    for task, z, w, space in zip(model.tasks, logits, weights, spaces):
        labels = batch.labels[task["label"]]
        if space is None:
            found.append(bce_mean(z, labels, w))
        else:
            picked = space[0]
            per_row = F.binary_cross_entropy_with_logits(z, labels[picked], weight=w[picked], reduction="sum")
            found.append(per_row / labels.shape[0])
    return found


def bce_mean(logits, labels, weights):
    return F.binary_cross_entropy_with_logits(logits, labels, weight=weights)


def space_weights(space, batch):
    """Weights [rows] divided by their mean; None if they are equal."""
    if space is None:
        return None
    inside = batch.labels[space["label"]] > 0
    weights = torch.where(inside, float(space["inside"]), float(space["outside"]))
    mean = weights.mean()
    return weights / mean if mean > 0 else weights


def rows_in_space(space, weights, batch):
    """Rows with a weight above 0 (at least one), and their counts by domain; None if all rows count."""
    if space["inside"] != 0 and space["outside"] != 0:
        return None
    rows = weights.nonzero().squeeze(1)
    if rows.numel() == 0:
        rows = rows.new_zeros(1)
    return rows, torch.bincount(batch.domains[rows], minlength=len(batch.counts)).tolist()
