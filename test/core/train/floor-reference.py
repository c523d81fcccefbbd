"""Reference numbers of floor-reference.test.ts: python floor-reference.py (scikit-learn 1.9.1)."""

import json
import math

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

state = 1


def uniform() -> float:
    global state
    state = (state * 1664525 + 1013904223) % 2**32
    return state / 2**32


rows = 8000
users, items, prices, tags = [], [], [], []
clicks = {"ids tell": [], "ids are noise": []}
for _ in range(rows):
    user = math.floor(600 * uniform() ** 2)
    item = math.floor(80 * uniform())
    price = 1e6 + 10 * uniform()
    row_tags = [math.floor(12 * uniform()) for _ in range(1 + math.floor(3 * uniform()))]
    by_ids = (user % 7 - 3) / 4 + (item % 5 - 2) / 3 + (row_tags[0] % 3 - 1) / 2
    by_price = (price - 1e6 - 5) / 10
    chance = uniform()
    clicks["ids tell"].append(1 if chance < 1 / (1 + math.exp(1 - by_ids - by_price)) else 0)
    clicks["ids are noise"].append(1 if chance < 1 / (1 + math.exp(-by_price)) else 0)
    users.append(user)
    items.append(item)
    prices.append(price)
    tags.append(row_tags)

train = 6000
matrix = np.zeros((rows, 600 + 80 + 12 + 1))
price = np.asarray(prices, np.float32).astype(float)
matrix[:, 692] = (price - price[:train].mean()) / price[:train].std()
for row in range(rows):
    matrix[row, users[row]] = 1
    matrix[row, 600 + items[row]] = 1
    for tag in tags[row]:
        matrix[row, 680 + tag] += 1 / len(tags[row])


def fit(strength: float, some: np.ndarray, clicks: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=strength, tol=1e-10, max_iter=10_000).fit(matrix[some], clicks[some])


def chosen(every: np.ndarray, clicks: np.ndarray) -> float:
    """A smaller C if every fifth row, held out, has log losses that are lower by two standard errors."""
    held, rest = every[every % 5 == 4], every[every % 5 != 4]
    losses = []
    for strength in (1, 0.1, 0.01):
        chances = fit(strength, rest, clicks).predict_proba(matrix[held])
        losses.append(-np.log(chances[np.arange(len(held)), clicks[held]]))
        if len(losses) > 1:
            gains = losses[-2] - losses[-1]
            if gains.mean() <= 2 * gains.std(ddof=1) / len(held) ** 0.5:
                return strength * 10
    return strength


for name, labels in clicks.items():
    y = np.asarray(labels)
    best = chosen(np.arange(train), y)
    fitted = fit(best, np.arange(train), y)
    scores = fitted.decision_function(matrix)
    weights = fitted.coef_[0]
    numbers = {
        "strength": round(best, 6),
        "train": round(roc_auc_score(y[:train], scores[:train]), 6),
        "test": round(roc_auc_score(y[train:], scores[train:]), 6),
        "intercept": round(float(fitted.intercept_[0]), 5),
        "price": round(float(weights[692]), 5),
        "user 3": round(float(weights[3]), 5),
        "item 7": round(float(weights[607]), 5),
        "tag 2": round(float(weights[682]), 5),
        "norm": round(float(np.linalg.norm(weights)), 5),
    }
    print(name, json.dumps(numbers, indent=1))
