"""LightGBM and logistic regression on the sets of `npm run bench -- first-evening`, which writes the generated ones.

pip install lightgbm scikit-learn pandas pyarrow
python bench/first-evening.py ../shared/data/first-evening out/first-evening
"""

import sys
from pathlib import Path

import lightgbm
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CODES = ["ip", "app", "device", "os", "channel", "c14", "hour"]
SETS = {
    "adult": ("rich", ["single"], []),
    "coupon": ("Y", ["urgent"], []),
    "friedman": ("y", [], []),
    "clusters": ("y", [], []),
    "codes": ("y", [], CODES),
}


def read(folder, part):
    file = folder / f"{part}.parquet"
    return pd.read_parquet(file) if file.exists() else pd.read_csv(folder / f"{part}.csv")


def boosted(x, y, categories):
    x = [part.copy() for part in x]
    for column in categories:
        values = pd.Index(x[0][column].dropna().unique())
        for part in x:
            part[column] = pd.Categorical(part[column].where(part[column].isin(values)), categories=values)
    model = lightgbm.LGBMClassifier(n_estimators=1000, learning_rate=0.05, verbose=-1, n_jobs=1)
    stop = lightgbm.early_stopping(50, verbose=False)
    model.fit(x[0], y[0], eval_set=[(x[1], y[1])], eval_metric="auc", callbacks=[stop])
    return roc_auc_score(y[2], model.predict_proba(x[2])[:, 1])


def linear(x, y, categories):
    x = [part.copy() for part in x]
    for part in x:
        for column in categories:
            part[column] = part[column].astype(object).where(part[column].notna(), "missing").astype(str)
    numbers = [column for column in x[0] if column not in categories]
    results = []
    for c in (0.1, 1):
        columns = make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", min_frequency=2), categories),
            (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        )
        model = make_pipeline(columns, LogisticRegression(C=c, max_iter=300)).fit(x[0], y[0])
        aucs = [roc_auc_score(y[at], model.predict_proba(x[at])[:, 1]) for at in (1, 2)]
        results.append(aucs)
    return max(results)[1]


for name, (label, without, codes) in SETS.items():
    folder = next((Path(each) / name for each in sys.argv[1:] if (Path(each) / name).exists()), None)
    if folder is None:
        continue
    parts = [read(folder, part) for part in ("train", "validation", "test")]
    y = [part[label].astype(int) for part in parts]
    x = [part.drop(columns=[label, *without]) for part in parts]
    texts = [column for column in x[0] if not pd.api.types.is_numeric_dtype(x[0][column])]
    for kind, categories in {"": texts, " with codes as categories": texts + codes}.items():
        if kind and not codes:
            continue
        print(f"{name}{kind}: LightGBM {boosted(x, y, categories):.4f}, logistic {linear(x, y, categories):.4f}")
