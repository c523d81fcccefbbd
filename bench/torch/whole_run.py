"""Reads a Parquet file with pyarrow, shuffles its rows, and trains one epoch."""

import pyarrow.parquet
import torch
from batch import Batch, Dense, Ids
from trainer import Twin


class Columns:
    """A file as tensors. Ids of neighbouring features are side by side, so that a batch takes whole rows."""

    def __init__(self, path, tables, labels, domain):
        names = [feature["column"] for feature in tables.features]
        table = pyarrow.parquet.read_table(path, columns=list(dict.fromkeys([*names, *labels, domain])))

        def column(name):
            return torch.from_numpy(table.column(name).to_numpy())

        self.parts, run = [], []
        for feature in tables.features:
            if feature["table"] is None:
                if run:
                    self.parts.append(Ids(torch.stack(run, 1)))
                    run = []
                self.parts.append(Dense(column(feature["column"]).float().unsqueeze(1)))
            else:
                run.append(tables.ids(feature, column(feature["column"]).long()))
        if run:
            self.parts.append(Ids(torch.stack(run, 1)))
        self.labels = {name: column(name).float() for name in labels}
        self.domains = column(domain).long()

    def batch(self, rows):
        labels = {name: values.index_select(0, rows) for name, values in self.labels.items()}
        return Batch([part.sorted_by(rows) for part in self.parts], labels, self.domains.index_select(0, rows))


def train_from_parquet(path, description, savings, batch_size):
    """Trains one epoch; returns the number of rows and the last losses."""
    twin = Twin(description, savings)
    twin.tables.initialise()
    columns = Columns(path, twin.tables, description["labels"], description["domain"])
    for rows in torch.randperm(columns.domains.shape[0]).split(batch_size):
        found = twin.step(columns.batch(rows))
    twin.weights()
    return {"rows": columns.domains.shape[0], "losses": [loss.item() for loss in found]}
