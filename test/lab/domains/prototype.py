"""P values of the prototype for the worlds of prototype.test.ts. Needs numpy and scipy.

    PEPNET_WORLDS=FOLDER npx vitest run test/lab/domains/prototype.test.ts
    OPENBLAS_NUM_THREADS=1 python test/lab/domains/prototype.py FOLDER SHARED/prototype/screen2 > test/lab/domains/golden/prototype.json

Two of its tests are replaced, since they expected too small a score where users and items have few rows (docs/domains.md):
in 4 of 24 logs of nothing but noise they named a column. Tables of few cells are tested as the prototype does.
"""
import json
import pathlib
import sys

import numpy as np
from scipy import sparse

sys.path.insert(0, sys.argv[2])
import screen2  # noqa: E402
from gain import gains  # noqa: E402

TOLERANCE = 0.01


def id_table_test(candidate, field, residual, weights, clusterings):
    levels, ids = candidate.max() + 1, field.max() + 1
    size = ids * levels
    cell = field * levels + candidate
    of_cell = np.bincount(cell, weights, size).reshape(ids, levels)
    of_id = np.maximum(of_cell.sum(1, keepdims=True), 1e-9)
    share, metric = of_cell / of_id, 1 / (of_cell + screen2.PRIOR)
    total = np.bincount(cell, residual, size).reshape(ids, levels)
    by_id = total.sum(1, keepdims=True)
    total = total - share * by_id
    effect = total * metric
    centred = residual - weights * (effect.ravel()[cell] + (by_id / of_id)[field, 0])
    left = np.maximum(1 - of_cell / np.maximum(of_cell.sum(0), 1e-9), 0)
    inner = (share**2 * metric).sum(1, keepdims=True)
    spread = ((inner + (1 - 2 * share) * metric) * left).ravel()
    parts = []
    for cluster in clusterings:
        count = cluster.max() + 1
        keys, at, rows = np.unique(cell * count + cluster, return_inverse=True, return_counts=True)
        where, who = keys // count, keys % count
        sums, weight = np.bincount(at, centred), np.bincount(at, weights)
        _, both = np.unique(who * ids + where // levels, return_inverse=True)
        in_id = np.bincount(both, weight)[both]
        m, v, of = metric.ravel()[where], of_cell.ravel()[where], of_id[where // levels, 0]
        k = screen2.PRIOR * m / of
        others = (v - weight) * (m + k) ** 2 + np.maximum(of - v, 0) * k**2
        squares_in_id = np.bincount(where // levels, weight * in_id, ids)[where // levels]
        other_size = (squares_in_id - in_id**2) / np.maximum(of - in_id, 1e-9)
        rest = (1 - m * weight - k * in_id) ** 2 + np.minimum(weight, np.maximum(weight / rows, other_size)) * others
        sums /= np.sqrt(np.maximum(rest, 0.01))
        mean = (sums**2 * spread[where]).sum()
        scaled = sparse.csr_matrix((sums * np.sqrt(spread[where]), (where, who)), (size, count))
        gram = (scaled.T @ scaled).tolil()
        gram.setdiag(0)
        within = gram.tocsr().power(2).sum()
        squares = scaled.power(2)
        in_cells = (np.asarray(squares.sum(axis=1)) ** 2).sum()
        shared = in_cells - squares.power(2).sum()
        variance = (np.bincount(where, sums**2, size).reshape(ids, levels)) * left
        first = share * metric
        between = inner[:, :, None] - first[:, :, None] - first[:, None, :]
        products = between**2 * variance[:, :, None] * variance[:, None, :]
        across = products.sum() - np.trace(products, axis1=1, axis2=2).sum()
        m2 = within * (1 + across / shared) if shared > screen2.LEAST_SHARED * in_cells else 0.0
        importance = np.bincount(who, weight * m, count)
        parts.append((mean * (1 + TOLERANCE), m2, screen2.effective_number(importance)))
    return (total**2 * metric).sum(), parts


units = []
prototype_basis = screen2.slope_basis


def slope_basis(candidate, values, mains, weights):
    units[:] = mains[2:]
    return prototype_basis(candidate, values, mains, weights)


def slope_test(basis, inverse, residual, weights, clusterings):
    total = basis.T @ residual
    effect = inverse @ total
    centred = residual - weights * (basis @ effect)
    parts = []
    for cluster in clusterings:
        fitted = np.zeros(len(residual))
        for unit in units:
            if not np.array_equal(unit, cluster):
                of_level = np.bincount(unit, weights)[unit]
                fitted += weights / (of_level + screen2.RIDGE) * (2 - of_level / (of_level + screen2.RIDGE))
        restored = centred / np.sqrt(np.maximum(1 - fitted, 0.1))
        parts.append(screen2.dense_moments(cluster, basis, restored, weights, inverse))
    return total @ effect, parts


screen2.id_table_test, screen2.slope_basis, screen2.slope_test = id_table_test, slope_basis, slope_test


def read(path):
    world = json.loads(path.read_text())
    codes = set(world["columns"]) - set(world["numeric"]) - {world["time"]}
    for name, values in world["columns"].items():
        world["columns"][name] = np.array(values, np.int64 if name in codes else float)
    world["label"] = np.array(world["label"], float)
    return world


def answers(world):
    result = screen2.screen(world)
    return {
        "rows": len(world["label"]),
        "positives": int(world["label"].sum()),
        "pairs": {f"{pair['candidate']} × {pair['field']}, {pair['kind']}": float(pair["p"]) for pair in result["pairs"]},
        "gains": {name: [float(gain[0]), float(gain[1])] for name, gain in gains(world, result).items()},
    }


worlds = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
print(json.dumps({path.stem: answers(read(path)) for path in worlds}, indent=1, ensure_ascii=False))
