"""Writes statistics.json, the numbers that tests/statistics.rs compares `measure::statistics` with.

Run from this folder:

    python3 -m venv .venv && .venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    .venv/bin/python generate_statistics.py

Nothing here follows the Rust code: intervals and tests come from scipy.stats, ends of intervals from its noncentral t distribution by
root finding; Holm's adjusted p-value is looked for as the smallest level at which his procedure rejects; tests of ranks and trends and
the bootstrap go through every choice of signs, every order and every draw. The seed is fixed.
"""

import itertools
import json
import math
import pathlib

import numpy as np
from scipy import optimize, special, stats

rng = np.random.default_rng(20240301)


def share(successes, trials):
    found = stats.binomtest(successes, trials).proportion_ci(0.95, method="exact")
    return {"successes": successes, "trials": trials, "low": float(found.low), "high": float(found.high)}


def signed_rank(values, bound):
    """By every choice of signs; where nothing is tied it is what scipy calls exact."""
    distances = np.array(values) - bound
    distances = distances[distances != 0]
    ranks = stats.rankdata(np.abs(distances))
    above = ranks[distances > 0].sum()
    far = abs(above - ranks.sum() / 2)
    sums = [np.dot(ranks, signs) for signs in itertools.product([0, 1], repeat=len(ranks))]
    p = float(np.mean(np.abs(np.array(sums) - ranks.sum() / 2) >= far - 1e-9))
    if len(set(ranks)) == len(ranks):
        assert abs(p - stats.wilcoxon(distances, zero_method="wilcox", method="exact").pvalue) < 1e-12
    return p


def effect(values):
    values = np.array(values)
    n, v = len(values), len(values) - 1
    t = stats.ttest_1samp(values, 0).statistic
    ends = [
        optimize.brentq(lambda shift: stats.nct.cdf(t, v, shift) - share, t - 3 * abs(t) - 9, t + 3 * abs(t) + 9, xtol=1e-12)
        for share in (0.975, 0.025)
    ]
    d = values.mean() / values.std(ddof=1)
    return {
        "d": float(d),
        "g": float(d * special.gamma(v / 2) / (math.sqrt(v / 2) * special.gamma((v - 1) / 2))),
        "low": float(ends[0] / math.sqrt(n)),
        "high": float(ends[1] / math.sqrt(n)),
    }


def sample(values, bound, margin):
    low, high = stats.t.interval(0.90, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    one_sided = [
        stats.ttest_1samp(values, bound - margin, alternative="greater").pvalue,
        stats.ttest_1samp(values, bound + margin, alternative="less").pvalue,
    ]
    above, below = (np.sum(np.array(values) > bound), np.sum(np.array(values) < bound))
    return {
        "values": values,
        "bound": bound,
        "margin": margin,
        "t_test": float(stats.ttest_1samp(values, bound).pvalue),
        "signed_rank": signed_rank(values, bound),
        "sign": float(stats.binomtest(int(above), int(above + below)).pvalue),
        "equivalence": {"p": float(max(one_sided)), "low": float(low), "high": float(high)},
        "effect": effect(values),
    }


def detectable(deviation, count):
    v = count - 1
    critical = stats.t.ppf(0.975, v)
    approximate = (critical + stats.t.ppf(0.8, v)) * deviation / math.sqrt(count)

    def missing(difference):
        shift = difference * math.sqrt(count) / deviation
        # scipy's is NaN where next to nothing is left, as on the other side of a large shift.
        return stats.nct.sf(critical, v, shift) + np.nan_to_num(stats.nct.cdf(-critical, v, shift)) - 0.8

    found = optimize.brentq(missing, 0.5 * approximate, 1.5 * approximate, xtol=1e-13)
    return {"deviation": deviation, "count": count, "difference": float(found), "approximate": float(approximate)}


def rejected(p_values, level):
    """Holm (1979), as he states it: go up from the smallest and stop at the first that is too large."""
    left, out = len(p_values), set()
    for at in np.argsort(p_values, kind="stable"):
        if p_values[at] > level / left * (1 + 1e-12):
            break
        out.add(int(at))
        left -= 1
    return out


def holm(p_values):
    m = len(p_values)
    levels = sorted({k * p for p in p_values for k in range(1, m + 1)})
    adjusted = [next(level for level in levels if at in rejected(p_values, level)) for at in range(m)]
    return {"p": p_values, "adjusted": [min(1.0, level) for level in adjusted]}


def trend(runs):
    def level(rows):
        return sum(np.sign(b - a) for row in rows for a, b in itertools.combinations(row, 2))

    found = level(runs)
    everything = itertools.product(*(itertools.permutations(row) for row in runs))
    p = np.mean([abs(level(rows)) >= abs(found) for rows in everything])
    taus = [stats.kendalltau(range(len(row)), row).statistic for row in runs if len(set(row)) == len(row)]
    tau = found / sum(math.comb(len(row), 2) for row in runs)
    assert len(taus) < len(runs) or abs(np.mean(taus) - tau) < 1e-12
    return {"runs": runs, "tau": float(tau), "p": float(p)}


def statistic(runs, drawn_splits, drawn_seeds, level, drawn, average):
    """Writes every drawn run and query out, as often as it is drawn, and averages."""
    worth = []
    for split in drawn_splits:
        for seed in drawn_seeds[split]:
            for run in (run for run in runs if (run["split"], run["seed"]) == (split, seed)):
                queries = list(zip(run["items"], run["classes"], run["differences"]))
                if level == "queries":
                    queries = [query for item in drawn for query in queries if query[0] == item]
                classes = drawn if level == "classes" else sorted({query[1] for query in queries})
                by_class = [[query[2] for query in queries if query[1] == name] for name in classes]
                by_class = [values for values in by_class if values]
                if by_class:
                    means = [np.mean(values) for values in by_class]
                    worth.append(np.mean(means) if average == "classes" else np.mean(sum(by_class, [])))
    return np.mean(worth) if worth else None


def bootstrap(runs, level, splits, average, bound):
    """Every draw there is, all equally likely."""
    seeds = {run["split"]: [] for run in runs}
    for run in runs:
        if run["seed"] not in seeds[run["split"]]:
            seeds[run["split"]].append(run["seed"])
    lists = sorted({tuple(sorted(own)) for own in seeds.values()})
    things = {
        "runs": [None],
        "queries": sorted({item for run in runs for item in run["items"]}),
        "classes": sorted({name for run in runs for name in run["classes"]}),
    }[level]
    all_splits = itertools.product(seeds, repeat=len(seeds)) if splits == "drawn" else [tuple(seeds)]
    all_seeds = list(itertools.product(*(itertools.product(own, repeat=len(own)) for own in lists)))
    all_things = list(itertools.product(things, repeat=len(things)))
    found = []
    for drawn_splits in all_splits:
        for chosen in all_seeds:
            drawn_seeds = {split: chosen[lists.index(tuple(sorted(own)))] for split, own in seeds.items()}
            found += [statistic(runs, drawn_splits, drawn_seeds, level, drawn, average) for drawn in all_things]
    found = np.array([value for value in found if value is not None])
    assert np.min(np.abs(found - bound)) > 1e-9, "a draw lies at the bound; choose another"
    return {
        "level": level,
        "splits": splits,
        "average": average,
        "bound": bound,
        "mean": float(statistic(runs, list(seeds), seeds, level, things, average)),
        "error": float(found.std()),
        "p": float(2 * min(np.mean(found < bound), np.mean(found > bound))),
    }


def design(seeds_of_splits, bound):
    """Four images of two classes, uneven, of which some runs lack one."""
    runs = []
    for split, seeds in enumerate(seeds_of_splits):
        for seed in seeds:
            lacks = {0: 13, 3: 10}.get(len(runs))
            items = [item for item in (11, 10, 13, 12) if item != lacks]
            own = 0.3 * rng.normal() + 0.3 * split
            runs.append({
                "split": split,
                "seed": seed,
                "items": items,
                "classes": [7 if item == 13 else 2 for item in items],
                "differences": np.round(own + 0.5 * rng.normal(size=len(items)), 4).tolist(),
            })
    ways = itertools.product(("runs", "queries", "classes"), ("kept", "drawn"), ("queries", "classes"))
    return {"runs": runs, "found": [bootstrap(runs, *way, bound) for way in ways]}


reference = {
    "shares": [share(*pair) for pair in [(0, 3), (3, 3), (1, 1), (7, 10), (10, 10), (1, 58), (29, 60), (1999, 2000)]],
    "samples": [
        sample(np.round(rng.normal(mean, 1.0, size=n), 3).tolist(), bound, margin)
        for n, mean, bound, margin in [(3, 0.5, 0.0, 1.0), (10, 0.8, 0.0, 1.0), (12, 0.1, 0.25, 1.0), (16, 3.0, 0.0, 2.0)]
    ]
    # Ties in size, and values at the bound.
    + [sample([0.1, 0.1, -0.1, 0.2, 0.3, 0.0, 0.2, 0.4, 0.0, 0.4], 0.0, 0.5)],
    "detectable": [detectable(s, n) for s, n in [(1.0, 2), (1.0, 3), (2.12, 10), (0.29, 12), (0.5, 30), (1.0, 100)]],
    "holm": [
        holm([0.01, 0.04, 0.03, 0.005]),
        holm([0.5, 0.001, 0.001, 0.9, 0.02, 0.02, 0.3]),
        holm(np.round(rng.uniform(size=12) ** 3, 5).tolist()),
    ],
    "trends": [
        trend([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0], [1.0, 3.0, 2.0], [1.5, 2.5, 3.5]]),
        trend([[0.9, 0.7, 0.8, 0.1, 0.2]]),
        trend([[0.3, 0.2, 0.4, 0.5], [0.1, 0.6, 0.2, 0.9]]),
        trend([[0.0, 0.0, 0.5], [0.1, 0.1, 0.1], [0.2, 0.4, 0.4], [0.6, 0.5, 0.7]]),
    ],
    "bootstraps": [design([(1, 2), (1, 2)], 0.0123), design([(1, 2), (3, 4)], 0.0123)],
}
target = pathlib.Path(__file__).with_name("statistics.json")
target.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"') + "\n")
print(f"wrote {target.name}, {target.stat().st_size} bytes")
