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


rows, train = 8000, 6000
users, items, prices, tags, clicks = [], [], [], [], []
for _ in range(rows):
    user = math.floor(600 * uniform() ** 2)
    item = math.floor(80 * uniform())
    price = 1e6 + 10 * uniform()
    row_tags = [math.floor(12 * uniform()) for _ in range(1 + math.floor(3 * uniform()))]
    odds = -1 + (user % 7 - 3) / 4 + (item % 5 - 2) / 3 + (price - 1e6 - 5) / 10 + (row_tags[0] % 3 - 1) / 2
    clicks.append(1 if uniform() < 1 / (1 + math.exp(-odds)) else 0)
    users.append(user)
    items.append(item)
    prices.append(price)
    tags.append(row_tags)

matrix = np.zeros((rows, 600 + 80 + 12 + 1))
price = np.asarray(prices, np.float32).astype(float)
for row in range(rows):
    matrix[row, users[row]] = 1
    matrix[row, 600 + items[row]] = 1
    for tag in tags[row]:
        matrix[row, 680 + tag] += 1 / len(tags[row])
matrix[:, 692] = (price - price[:train].mean()) / price[:train].std()
fitted = LogisticRegression(C=1, tol=1e-10, max_iter=10_000).fit(matrix[:train], clicks[:train])
scores = fitted.decision_function(matrix)
weights = fitted.coef_[0]
print(
    json.dumps(
        {
            "train": round(roc_auc_score(clicks[:train], scores[:train]), 6),
            "test": round(roc_auc_score(clicks[train:], scores[train:]), 6),
            "intercept": round(float(fitted.intercept_[0]), 5),
            "price": round(float(weights[692]), 5),
            "user 3": round(float(weights[3]), 5),
            "item 7": round(float(weights[607]), 5),
            "tag 2": round(float(weights[682]), 5),
            "norm": round(float(np.linalg.norm(weights)), 5),
        },
        indent=1,
    )
)
