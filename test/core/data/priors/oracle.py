"""Priors by their definition, row by row: reads logs as JSON lines, writes the new columns as JSON lines."""

import json
import math
import sys


def chance(row):
    value = (row ^ 0x5BD1E995) & 0xFFFFFFFF
    value ^= value >> 16
    value = value * 0x85EBCA6B & 0xFFFFFFFF
    value ^= value >> 13
    value = value * 0xC2B2AE35 & 0xFFFFFFFF
    value ^= value >> 16
    return value / 2**32


def strengths(counts, parent, seconds, labels, delay):
    """Steps (after, k): estimated at 256, 1,024, 4,096 … labels from the likelihood of all labels until then."""
    rows = [row for row, time in enumerate(seconds) if time is not None and labels[row] is not None]
    times = sorted(seconds[row] for row in rows)
    steps, size = [], 256
    while size <= len(times):
        last = times[size - 1]
        share = min(1, 8192 / size)
        sample = [row for row in rows if seconds[row] <= last and counts[row][0] > 0 and chance(row) < share]

        def likelihood(k):
            total = 0.0
            for row in sample:
                n, s = counts[row]
                rate = (s + k * parent[row]) / (n + k)
                total += math.log(rate if labels[row] == 1 else 1 - rate)
            return total

        best, k = likelihood(16.0), 16.0
        for power in range(-1, 15):
            value = likelihood(2.0**power)
            if value > best + 1e-9 * abs(best):
                best, k = value, 2.0**power
        steps.append((last + delay, k))
        size *= 4
    return steps


def rates(counts, parent, seconds, labels, delay):
    steps = strengths(counts, parent, seconds, labels, delay)
    result = []
    for row, (n, s) in enumerate(counts):
        k = 16.0
        for after, value in steps:
            if seconds[row] is not None and seconds[row] > after:
                k = value
        result.append((s + k * parent[row]) / (n + k))
    return result


def priors(log):
    columns, seconds = log["columns"], log["seconds"]
    first = min(time for time in seconds if time is not None)
    result = {}
    for name in log["labels"]:
        delay = float(log["delay"][name][:-1])
        labels = [None if value is None else int(value) for value in columns[name]]

        def history(key, window=math.inf):
            cells = list(zip(*(columns[column] for column in key))) if key else [()] * len(seconds)
            groups = {}
            for row, cell in enumerate(cells):
                if seconds[row] is not None and labels[row] is not None and None not in cell:
                    groups.setdefault(cell, []).append(row)
            rows = []
            for row, cell in enumerate(cells):
                known = []
                if seconds[row] is not None and None not in cell:
                    for other in groups.get(cell, ()):
                        age = seconds[row] - delay - seconds[other]
                        if 0 < age <= window:
                            known.append(other)
                rows.append(known)
            return rows

        def count(rows):
            return [(len(known), sum(labels[other] for other in known)) for known in rows]

        overall = [(s + 0.5) / (n + 1) for n, s in count(history(()))]
        for key in log["by"]:
            key = (key,) if isinstance(key, str) else tuple(key)
            rate = overall
            for length in range(1, len(key) + 1):
                rows = history(key[:length])
                rate = rates(count(rows), rate, seconds, labels, delay)
            prefix = "_".join(key) + "_" + name
            result[prefix + "_n"] = [len(known) for known in rows]
            result[prefix + "_rate"] = rate
            result[prefix + "_age"] = [
                0.0
                if time is None
                else (time - max((seconds[other] for other in known), default=first)) / 86400
                for time, known in zip(seconds, rows)
            ]
            for window in log["windows"]:
                counts = count(history(key, float(window[:-1])))
                result[prefix + "_n_" + window] = [n for n, _ in counts]
                result[prefix + "_rate_" + window] = rates(counts, rate, seconds, labels, delay)
    return result


for line in sys.stdin:
    print(json.dumps(priors(json.loads(line))), flush=True)
