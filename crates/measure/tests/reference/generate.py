"""Writes reference.json, the numbers that tests/reference.rs compares this crate with.

Run from this folder:

    python3 -m venv .venv && .venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    .venv/bin/python generate.py

Nothing here follows the Rust code: average precision, neighbours, components and regressions come from scikit-learn, Procrustes and
spherical interpolation from scipy, CKA from the full n x n kernel matrices, transport along lines by assignment of repeated points,
kernels and neighbours of samples from scikit-learn and scipy, the rest from loops over the definitions. The seed is fixed,
so that a new run changes rounding at most.
"""

import itertools
import json
import math
import pathlib

import numpy as np
from scipy import stats
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import linear_sum_assignment
from scipy.spatial import geometric_slerp
from scipy.spatial.distance import cdist, pdist
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import average_precision_score, r2_score
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(20240229)
CLASSES = 5


def embedding(labels, dim, spread):
    """Noisy class centres of uneven length, with four decimals so that JSON and f32 hold the same numbers."""
    centres = rng.normal(size=(CLASSES, dim))
    rows = (centres[labels] + spread * rng.normal(size=(len(labels), dim))) * rng.uniform(0.5, 2, size=(len(labels), 1))
    return np.round(rows, 4).astype(np.float32)


def unit(rows, dim):
    prefix = rows[:, :dim].astype(np.float64)
    return prefix / np.maximum(np.linalg.norm(prefix, axis=1, keepdims=True), 1e-12)


def retrieval(query, gallery):
    dim = min(query["rows"].shape[1], gallery["rows"].shape[1])
    scores = unit(query["rows"], dim) @ unit(gallery["rows"], dim).T
    precision, first, recall10, top = [], [], [], []
    for row, label, identity in zip(scores, query["labels"], query["ids"]):
        keep = np.flatnonzero(gallery["ids"] != identity)
        order = keep[np.argsort(-row[keep], kind="stable")]
        assert np.min(-np.diff(row[order])) > 1e-6, "two scores are too close for single precision; change the seed"
        relevant = gallery["labels"][order] == label
        top.append(order[:3].tolist())
        if not relevant.any():
            precision.append(None)
            continue
        precision.append(float(average_precision_score(gallery["labels"][keep] == label, row[keep])))
        first.append(int(np.flatnonzero(relevant)[0]) + 1)
        recall10.append(relevant[:10].sum() / relevant.sum())
    scored = [value for value in precision if value is not None]
    return {
        "average_precision": precision,
        "top": top,
        "map": float(np.mean(scored)),
        "cmc1": float(np.mean(np.array(first) <= 1)),
        "cmc5": float(np.mean(np.array(first) <= 5)),
        "recall10": float(np.mean(recall10)),
        "queries": len(scored),
    }


def pairwise(new, old, labels):
    dim = min(new.shape[1], old.shape[1])
    new, old = unit(new, dim), unit(old, dim)
    cross, own = 1 - new @ old.T, 1 - old @ old.T
    same, different = [], []
    for i, j in itertools.permutations(range(len(labels)), 2):
        if labels[i] == labels[j]:
            same.append(cross[i, j] <= own[i, j])
        else:
            different.append(cross[i, j] >= own[i, j])
    return {"same_class": float(np.mean(same)), "different_class": float(np.mean(different))}


def cka_biased(x, y):
    n = len(x)
    centring = np.eye(n) - np.ones((n, n)) / n
    k, l = (centring @ (z @ z.T) @ centring for z in (x, y))
    return float(np.sum(k * l) / np.sqrt(np.sum(k * k) * np.sum(l * l)))


def cka_debiased(x, y):
    n, one = len(x), np.ones(len(x))

    def hsic(k, l):
        trace = np.trace(k @ l)
        sums = (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
        return (trace + sums - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))

    k, l = (z @ z.T for z in (x, y))
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    return float(hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l)))


def mutual_knn(x, y, k):
    def near(rows):
        return NearestNeighbors(n_neighbors=k, metric="cosine").fit(rows).kneighbors(return_distance=False)

    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(near(x), near(y))]))


def components(rows, wide, count):
    pca = PCA(n_components=count, svd_solver="full").fit(rows)
    largest = np.abs(pca.components_).argmax(axis=1)
    signs = np.sign(pca.components_[np.arange(count), largest])
    return {
        "axes": (pca.components_ * signs[:, None]).ravel().tolist(),
        "explained_variance": pca.explained_variance_.tolist(),
        "explained_variance_ratio": pca.explained_variance_ratio_.tolist(),
        "coordinates": (pca.transform(wide[:, : rows.shape[1]]) * signs).ravel().tolist(),
    }


def chance(relevant, gallery):
    orders = itertools.combinations(range(gallery), relevant)
    scores = -np.arange(gallery, dtype=float)
    truths = (np.isin(np.arange(gallery), order) for order in orders)
    return float(np.mean([average_precision_score(truth, scores) for truth in truths]))


def t_interval(values):
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    return {
        "values": values,
        "deviation": float(np.std(values, ddof=1)),
        "error": float(stats.sem(values)),
        "low": float(low),
        "high": float(high),
    }


def adapter(x, y, matrix):
    mapped = (x - x.mean(axis=0)) @ matrix + y.mean(axis=0)
    return {"matrix": matrix.ravel().tolist(), "r2": float(r2_score(y, mapped, multioutput="variance_weighted"))}


def procrustes(x, y):
    """scipy knows square maps only; the narrower side gets columns of zeros, which leave the rest of the map as it is."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    width = max(x.shape[1], y.shape[1])
    wide_x, wide_y = (np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows in (x, y))
    matrix, trace = orthogonal_procrustes(wide_x, wide_y)
    return matrix[: x.shape[1], : y.shape[1]], trace / np.sum(x * x)


def reduced_rank(x, y, rank, ridge):
    """Least squares on rows that spell out the penalty, then the best approximation of the predictions by that rank."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    x = np.vstack([x, np.sqrt(ridge) * np.eye(x.shape[1])])
    y = np.vstack([y, np.zeros((len(x) - len(y), y.shape[1]))])
    u, s, vt = np.linalg.svd(x @ np.linalg.lstsq(x, y, rcond=None)[0], full_matrices=False)
    return np.linalg.lstsq(x, (u[:, :rank] * s[:rank]) @ vt[:rank], rcond=None)[0]


def adapters(x, y):
    turn, scale = procrustes(x, y)
    return {
        "translation": adapter(x, y, np.eye(x.shape[1], y.shape[1])),
        "procrustes": adapter(x, y, turn),
        "scaled": adapter(x, y, turn * scale),
        "affine": adapter(x, y, LinearRegression().fit(x, y).coef_.T),
        "ridge_3": adapter(x, y, Ridge(alpha=3.0).fit(x, y).coef_.T),
        "rank_2": adapter(x, y, reduced_rank(x, y, 2, 0.0)),
        "rank_2_ridge_3": adapter(x, y, reduced_rank(x, y, 2, 3.0)),
    }


def backfill(query, old_query, old, new, labels, ids, priority, fractions):
    """Re-embeds one item after the other and lets scikit-learn score every mixed list."""
    dim = min(old_query.shape[1], old.shape[1])
    order = np.argsort(-priority, kind="stable")
    curve = []
    for fraction in fractions:
        scores = unit(old_query, dim) @ unit(old, dim).T
        for item in order[: round(fraction * len(order))]:
            scores[:, item] = unit(query, new.shape[1]) @ unit(new, new.shape[1])[item]
        precision = []
        for row, label, identity in zip(scores, labels, ids):
            keep = ids != identity
            if np.any(labels[keep] == label):
                precision.append(average_precision_score(labels[keep] == label, row[keep]))
        curve.append(float(np.mean(precision)))
    return {"map": curve, "area": float(np.trapezoid(curve, fractions))}


def sliced(real, generated, lines, power):
    """Every point is repeated until both sets have one size; the cheapest assignment then moves the mass, whatever the order."""
    size = math.lcm(len(real), len(generated))
    costs = []
    for line in lines / np.linalg.norm(lines, axis=1, keepdims=True):
        left, right = (np.repeat(points @ line, size // len(points)) for points in (real, generated))
        cost = np.abs(left[:, None] - right[None, :]) ** power
        costs.append(cost[linear_sum_assignment(cost)].mean())
    return float(np.mean(costs) ** (1 / power))


def mmd(real, generated, bandwidth):
    gamma = 1 / (2 * bandwidth**2)

    def within(points):
        return rbf_kernel(points, gamma=gamma)[~np.eye(len(points), dtype=bool)].mean()

    return float(within(real) + within(generated) - 2 * rbf_kernel(real, generated, gamma=gamma).mean())


def coverage(real, generated, k):
    radii = NearestNeighbors(n_neighbors=k).fit(real).kneighbors()[0][:, -1]
    nearest = NearestNeighbors(n_neighbors=1).fit(generated).kneighbors(real)[0][:, 0]
    return float(np.mean(nearest <= radii))


def modes(generated, centres, radius):
    distances = cdist(generated, centres)
    nearest = np.where(distances.min(axis=1) <= radius, distances.argmin(axis=1), len(centres))
    return np.bincount(nearest, minlength=len(centres) + 1).tolist()


def samples(dim, real_count, generated_count, seed):
    """Points around corners of a cube and an imitation that is shifted, blurred and misses a corner."""
    chance = np.random.default_rng(seed)
    centres = np.array(list(itertools.product([-1.0, 1.0], repeat=dim)))
    real = centres[np.arange(real_count) % len(centres)] + 0.2 * chance.normal(size=(real_count, dim))
    generated = centres[np.arange(generated_count) % (len(centres) - 1)] + 0.4 * chance.normal(size=(generated_count, dim))
    lines = chance.normal(size=(7, dim))
    real, generated, lines = (np.round(rows, 4).astype(np.float32) for rows in (real, generated + 0.1, lines))
    wide = [rows.astype(np.float64) for rows in (real, generated, lines)]
    bandwidth = float(np.median(pdist(np.vstack(wide[:2]))))
    return {
        "dim": dim,
        "real": [float(str(value)) for value in real.ravel()],
        "generated": [float(str(value)) for value in generated.ravel()],
        "lines": [float(str(value)) for value in lines.ravel()],
        "w1": sliced(*wide, 1),
        "w2": sliced(*wide, 2),
        "bandwidth": bandwidth,
        "mmd": mmd(wide[0], wide[1], bandwidth),
        "mmd_narrow": mmd(wide[0], wide[1], 0.25),
        "coverage": [coverage(wide[0], wide[1], k) for k in (1, 2, 5)],
        "modes": modes(wide[1], centres, 0.6),
    }


def knowledge(stages, untrained):
    """What each definition makes of a full matrix of scores after its last stage."""
    a, last = np.array(stages), len(stages) - 1
    learned = np.diag(a)[:last]
    return {
        "cells": a.ravel().tolist(),
        "untrained": untrained,
        "average_accuracy": float(a[last].mean()),
        "first_minus_last": float((learned - a[last, :last]).mean()),
        "best_minus_last": float((a[:last, :last].max(axis=0) - a[last, :last]).mean()),
        "backward_transfer": float((a[last, :last] - learned).mean()),
        "forward_transfer": float((np.diag(a, 1) - np.array(untrained)[1:]).mean()),
    }


labels = rng.integers(CLASSES, size=32)
old, new = embedding(labels, 6, 1.0), embedding(labels, 9, 0.7)
# The new space is the old one, improved and widened: compatible, but not equal.
new[:, :6] = np.round(0.6 * old + 0.4 * new[:, :6], 4)
ids = np.arange(100, 132)
labels[31] = 77  # alone in its class: a query without a match


def sample(rows, chosen):
    return {"rows": rows[chosen], "labels": labels[chosen], "ids": ids[chosen]}


priority = np.round(np.random.default_rng(7).uniform(size=32), 4)
fractions = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]
everything, some = np.arange(32), np.arange(1, 32, 3)
x, y = old.astype(np.float64), new.astype(np.float64)
reference = {
    "labels": labels.tolist(),
    "ids": ids.tolist(),
    "old": {"dim": 6, "values": [float(str(value)) for value in old.ravel()]},
    "new": {"dim": 9, "values": [float(str(value)) for value in new.ravel()]},
    "old_old": retrieval(sample(old, everything), sample(old, everything)),
    "new_old": retrieval(sample(new, everything), sample(old, everything)),
    "old_new": retrieval(sample(old, everything), sample(new, everything)),
    "every_third_query_new_new": retrieval(sample(new, some), sample(new, everything)),
    "pairwise": pairwise(new, old, labels),
    "cka_biased": cka_biased(x, y),
    "cka_debiased": cka_debiased(x, y),
    "mutual_knn_4": mutual_knn(x, y, 4),
    "pca": components(x, y, 3),
    "chance_average_precision": [
        {"relevant": r, "gallery": n, "value": chance(r, n)} for n, r in [(1, 1), (7, 1), (7, 3), (9, 4), (8, 8)]
    ],
    "intervals": [t_interval(np.round(rng.normal(0.5, 0.05, size=n), 4).tolist()) for n in (3, 10, 32, 40)],
    "new_to_old": adapters(y, x),
    "old_to_new": adapters(x, y),
    "slerp_0.3": np.concatenate(
        [geometric_slerp(u, v, 0.3) for u, v in zip(unit(old, 6), unit(new, 6))]
    ).tolist(),
    "priority": priority.tolist(),
    "fractions": fractions,
    "backfill": backfill(new, new, old, new, labels, ids, priority, fractions),
    "backfill_dual": backfill(new, old, old, new, labels, ids, priority, fractions),
    "samples": [samples(2, 16, 24, 8), samples(3, 20, 15, 9)],
    "knowledge": knowledge(np.round(np.random.default_rng(10).uniform(size=(5, 5)), 3), [0.1, 0.12, 0.08, 0.11, 0.1]),
}
target = pathlib.Path(__file__).with_name("reference.json")
target.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"') + "\n")
print(f"wrote {target.name}, {target.stat().st_size} bytes")
