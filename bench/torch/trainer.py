"""A twin that trains and predicts: tables, dense part, and both optimisers."""

import torch
from embeddings import Tables
from model import Pepnet, losses
from sequences import Encoder

PREFIX = "model."


class Twin:
    """A model that computes plainly or with savings."""

    def __init__(self, description, savings):
        self.savings = savings
        self.domains = description["domains"]
        self.tables = Tables(description)
        self.model = Pepnet(description, savings)
        sequence = description["sequence"]
        self.encoder = None if sequence is None else Encoder(sequence, savings)
        parameters = [*self.model.parameters(), *(() if self.encoder is None else self.encoder.parameters())]
        dense = description["dense"]
        # fused: one kernel over all parameters, the fastest Adam of torch.optim on a CPU.
        self.optimizer = torch.optim.Adam(
            parameters, lr=dense["rate"], betas=tuple(dense["betas"]), eps=dense["eps"], fused=True
        )

    def load(self, weights):
        tensors = {name: torch.from_numpy(values) for name, values in weights.items()}
        self.tables.load(tensors)
        if self.encoder is not None:
            self.encoder.load(tensors)
        self.model.load_state_dict({name: tensors[PREFIX + name] for name in self.model.state_dict()})

    def weights(self):
        dense = {PREFIX + name: values for name, values in self.model.state_dict().items()}
        return {**dense, **self.tables.state(), **self.encoded(gradients=False)}

    def encoded(self, gradients):
        """The sequence's weights or gradients."""
        return {} if self.encoder is None else self.encoder.state(gradients)

    def groups(self, batch):
        """The groups' matrices as leaves of the tape, and the same with the sequence's columns."""
        leaves = self.tables.lookup(batch)
        if self.encoder is None:
            return leaves, leaves
        return leaves, {**leaves, "all": torch.cat([leaves["all"], self.encoder(batch.clicks)], 1)}

    def step(self, batch):
        """Takes one optimiser step; returns the tasks' losses before it."""
        found, touched, gradient = self.backward(batch)
        self.optimizer.step()
        self.tables.update(touched, gradient)
        return found

    def backward(self, batch):
        """Returns losses, and touched table rows with gradients; dense gradients stay in the parameters."""
        if self.savings:
            batch = batch.by_domain(self.domains)
        self.optimizer.zero_grad(set_to_none=True)
        leaves, groups = self.groups(batch)
        found = losses(self.model, groups, batch)
        sum(found).backward()
        return found, *self.tables.gradient(leaves, batch)

    def gradients(self, batch):
        """Returns the losses, and the gradients by name."""
        found, touched, gradient = self.backward(batch)
        dense = {PREFIX + name: p.grad for name, p in self.model.named_parameters() if p.grad is not None}
        whole = torch.zeros_like(self.tables.weight).index_copy_(0, touched, gradient)
        mine, self.tables.weight = self.tables.weight, whole
        sparse = self.tables.state()
        self.tables.weight = mine
        return found, {**dense, **sparse, **self.encoded(gradients=True)}

    @torch.inference_mode()
    def predict(self, batch):
        """Probabilities per task, [rows] in the batch's order."""
        own = batch.by_domain(self.domains) if self.savings else batch
        found = [torch.sigmoid(logits) for logits in self.model(self.groups(own)[1], own)]
        if not self.savings:
            return found
        return [torch.empty_like(p).scatter_(0, own.order, p) for p in found]
