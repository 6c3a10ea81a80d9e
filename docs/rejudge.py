"""Judges a claims report anew from what its runs measured. Needs Python 3.9 and NumPy.

    python3 docs/rejudge.py [folder]

The folder, that of this file if none is named, holds claims.json and claims/runs.jsonl. Every value, mean, interval, p-value, effect and
finding is made by the equations of textbooks, and nothing here comes from the lab. Bootstraps are drawn anew by other random numbers, so their ends
may be as far away as chance explains. Cells that differ are listed, and the exit code is 1; it is 2 where a report does not say what it measured.
"""
import argparse
import base64
import collections
import functools
import itertools
import json
import math
import pathlib
import sys
import numpy as np

# How far a value may be away, relative to the largest of 1, its facts and itself. Facts are kept to seven digits, but a report, too, is computed
# from what is kept, so nothing is lost but what adding up in another order loses, and what is beyond nine digits behind the point.
EXACT = 1e-9
# How far a cell may be away that is computed from these values, relative to itself, or to the farther end of an interval: a quantile is as good as
# the steps that it was found by.
SAME = 1e-6
# The same of cells that are found by searching for a noncentrality.
SEARCHED = 1e-4
# Values that differ by less, relative to the largest, do not vary, and what is nearer to zero than this part of them is zero.
TIED = 1e-9
LEVEL, POWER = 0.05, 0.8
# Resamples here; a report has 2000. The share of the distribution beyond its end for 2.5 % has a standard deviation of 0.35 points, and the share
# of the resamples here that lie beyond it one of 0.43: it is 1 to 4.8 % but for once in some 200 000 times. It holds for lumps of few runs, too.
DRAWS = 4000
ENDS = (0.025, (0.01, 0.048)), (0.975, (0.952, 0.99))
NOTHING, FULL = 65535, 65534


class Unsaid(Exception):
    """Why a report cannot be judged anew."""


# Distributions.

def beta_share(a, b, x):
    """The regularised incomplete beta function by its continued fraction, from the back."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(b, a, 1 - x)
    fraction = 1.0
    for m in range(300, -1, -1):
        fraction = 1 - (a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1) * fraction)
        if m:
            fraction = 1 + m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m) * fraction)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(logarithm) / (a * fraction)


def rising(function, target, low, high):
    """Where a rising function reaches a target, by bisection."""
    for _ in range(100):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return (low + high) / 2


def t_above(t, v):
    """P(T > t) of Student's t with v degrees of freedom."""
    half = beta_share(v / 2, 0.5, v / (v + t * t)) / 2
    return half if t >= 0 else 1 - half


@functools.lru_cache(None)
def t_critical(v):
    """What |T| exceeds with a probability of 5 %."""
    return rising(lambda t: -t_above(t, v), -LEVEL / 2, 0, 100)


DEVIATES = np.linspace(-9, 9, 200001)
BELOW = np.array([math.erfc(-z / math.sqrt(2)) / 2 for z in DEVIATES.tolist()])
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def noncentral(t, v, shift):
    """P(T <= t) of T = (Z + shift) / u, u being chi / sqrt(v): that of Z <= t u - shift over the density of u. Panels are as narrow as Z needs."""
    reach = 12 / math.sqrt(2 * v)
    low, high = max(0, 1 - reach), 1 + reach
    edges = np.linspace(low, high, 25 + int(abs(t) * (high - low) / 2))
    wide = np.diff(edges)[:, None] / 2
    u = edges[:-1, None] + wide * (NODES + 1)
    density = np.exp(math.log(2) + v / 2 * math.log(v / 2) - math.lgamma(v / 2) + (v - 1) * np.log(u) - v / 2 * u * u)
    return float((wide * WEIGHTS * density * np.interp(t * u - shift, DEVIATES, BELOW)).sum())


@functools.lru_cache(None)
def detectable_shift(n):
    """The noncentrality at which the two-sided t test of n values has its power, by both of its tails."""
    t, v = t_critical(n - 1), n - 1
    return rising(lambda shift: 1 - noncentral(t, v, shift) + noncentral(-t, v, shift), POWER, 0, 10 * t)


@functools.lru_cache(None)
def trend_counts(sizes):
    """How many permutations have which sum of signs, by the number of equal values of each kind."""
    if sum(sizes) > 9:
        raise Unsaid(f"a trend over {sum(sizes)} values has too many permutations")
    values = [kind for kind, size in enumerate(sizes) for _ in range(size)]
    return collections.Counter(signs(order) for order in itertools.permutations(values))


def signs(values):
    """Pairs that rise minus pairs that fall."""
    return sum((later > earlier) - (later < earlier) for earlier, later in itertools.combinations(values, 2))


def trend_p(runs):
    """Kendall's test of the summed signs of several runs, exactly: by all permutations within each of them."""
    counts = collections.Counter({0: 1})
    for facts in runs:
        further, sizes = collections.Counter(), tuple(sorted(collections.Counter(facts).values()))
        for (one, times), (other, as_often) in itertools.product(counts.items(), trend_counts(sizes).items()):
            further[one + other] += times * as_often
        counts = further
    found = abs(sum(signs(facts) for facts in runs))
    return sum(times for total, times in counts.items() if abs(total) >= found) / sum(counts.values())


# What a run is worth.

def p_1(old, cross, new, ceiling):
    """The harmonic mean of two sigmoids: of the self-test's lead over the ceiling, in parts of that, and of the update gain."""
    if not (ceiling > 0 and ceiling - old >= 2):
        return None
    up, comp = (1 / (1 + math.exp(-by)) for by in ((new - ceiling) / ceiling, (cross - old) / (ceiling - old)))
    return 2 * up * comp / (up + comp)


def p1_lead(ceiling, old, cross, new, other_old, other_cross, other_new):
    base, other = p_1(old, cross, new, ceiling), p_1(other_old, other_cross, other_new, ceiling)
    return None if base is None or other is None else 100 * (other - base)


def tau(*facts):
    return signs(facts) / math.comb(len(facts), 2)


def apart(*facts):
    first, second = facts[:len(facts) // 2], facts[len(facts) // 2:]
    return float(abs(first.index(min(first)) - second.index(max(second))))


HOW = {
    "number": lambda one: one,
    "hundredth": lambda one: one / 100,
    "difference": lambda base, other: other - base,
    "below_twice": lambda one, other: 2 * one - other,
    "over": lambda base, other: other / base if base else None,
    "p1": p1_lead,
    "rises": tau,
    "falls": lambda *facts: -tau(*facts),
    "above_both": lambda one, two, other: other - max(one, two),
    "below_both": lambda one, two, other: min(one, two) - other,
    "apart": apart,
}


def worth(measured, facts):
    """What a run is worth, or nothing if that is not defined for its facts."""
    if measured["how"] == "below":
        return measured["from"] - facts[0]
    if measured["how"] not in HOW:
        raise Unsaid(f"'{measured['how']}' is no way to measure that is known here")
    return HOW[measured["how"]](*facts)


# Cells.

def cells(values, bound, trend, yes_or_no):
    """Everything that a rule's values say by themselves; `trend` has the facts of each run if the values are rank correlations."""
    n, mean = len(values), math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean)**2 for value in values) / (n - 1)) if n > 1 else None
    vary = max(values) - min(values) > TIED * max(map(abs, values))
    least = bound.get("at_least")
    shares = yes_or_no and least is not None and n > 1 and all(value in (0, 1) for value in values)
    interval = p = effect = detectable = None
    if shares:
        interval, p = clopper_pearson(int(sum(values)), n), sign_p(values, least)
    elif n > 1 and (vary or trend is not None):
        half = t_critical(n - 1) * deviation / math.sqrt(n)
        interval = [mean - half, mean + half]
    if trend is not None:
        p = trend_p(trend)
    elif vary and not shares:
        p = t_p(mean, deviation, n, bound)
    if least is not None and vary and n > 2:
        effect = hedges(mean - least, deviation, n)
    if n > 1:
        detectable = detectable_shift(n) * deviation / math.sqrt(n)
    return {"mean": mean, "deviation": deviation, "interval": interval, "p": p, "effect": effect, "detectable": detectable}


def clopper_pearson(ones, n):
    low = rising(lambda x: beta_share(ones, n - ones + 1, x), LEVEL / 2, 0, 1) if ones else 0.0
    high = rising(lambda x: beta_share(ones + 1, n - ones, x), 1 - LEVEL / 2, 0, 1) if ones < n else 1.0
    return [low, high]


def sign_p(values, bound):
    above, below = sum(value > bound for value in values), sum(value < bound for value in values)
    tail = sum(math.comb(above + below, more) for more in range(max(above, below), above + below + 1))
    return min(1.0, 2 * tail / 2**(above + below))


def t_p(mean, deviation, n, bound):
    """The two-sided t test against the bound. Of two bounds the larger of the one-sided ones, which tell a mean inside from either; for a mean
    outside the two-sided one against the nearer."""
    from_bound = lambda end: (mean - end) / (deviation / math.sqrt(n))
    two_sided = lambda end: 2 * t_above(abs(from_bound(end)), n - 1)
    if "at_least" in bound:
        return two_sided(bound["at_least"])
    low, high = bound["within"]
    if low <= mean <= high:
        return max(t_above(from_bound(low), n - 1), t_above(-from_bound(high), n - 1))
    return two_sided(low if mean < low else high)


def hedges(lead, deviation, n):
    """Hedges' g, and by the noncentral t which standardised leads would have as large or as small a t once in forty times."""
    v, d = n - 1, lead / deviation
    t, wide = d * math.sqrt(n), 20 + 9 * abs(d) * math.sqrt(n)
    correct = math.exp(math.lgamma(v / 2) - math.lgamma((v - 1) / 2)) / math.sqrt(v / 2)
    ends = [rising(lambda shift: -noncentral(t, v, shift), -share, t - wide, t + wide) for share in (1 - LEVEL / 2, LEVEL / 2)]
    return [d * correct, *(end / math.sqrt(n) for end in ends)]


def holm(chances):
    """Holm's step-down: the smallest times their number, the next times one less, and never less than the one before."""
    corrected, largest = {}, 0.0
    for rank, name in enumerate(sorted(chances, key=chances.get)):
        largest = max(largest, min(1.0, chances[name] * (len(chances) - rank)))
        corrected[name] = largest
    return corrected


def finding(mean, bound, p):
    # A mean that adding up has moved off its bound is still there.
    low, high = bound.get("within", (bound.get("at_least"), math.inf))
    met = low - TIED * max(1, abs(low)) <= mean <= high + TIED * max(1, abs(high))
    # What is the bound itself in every run says nothing of it.
    if p is None and "at_least" in bound and abs(mean - low) <= TIED * max(1, abs(low)):
        return "within_noise"
    return "within_noise" if p is not None and p > LEVEL else "holds" if met else "fails"


# Bootstraps: the means of resamples.

def drawn(random, number):
    """How often each of so many is in each resample, `[resamples, number]`."""
    return random.multinomial(number, np.full(number, 1 / number), DRAWS)


def drawn_seeds(random, orders, times):
    """How often each run is in each resample, whose orders are there so many times `[resamples, orders]`."""
    counts = np.zeros((DRAWS, len(orders)))
    for at, order in enumerate(sorted(set(orders))):
        of_order = np.flatnonzero(np.array(orders) == order)
        # Drawn once for an order, however often that is there.
        counts[:, of_order] = times[:, [at]] * drawn(random, len(of_order))
    return counts / counts.sum(1, keepdims=True)


def over_orders(random, orders, values):
    number = len(set(orders))
    return drawn_seeds(random, orders, drawn(random, number)) @ np.array(values)


def over_groups(random, orders, differences, whole):
    """Of differences `[runs, classes, groups]`, NaN where there is none. What is drawn, classes or groups, is so for all runs of a resample."""
    _, classes, groups = differences.shape
    runs = drawn_seeds(random, orders, np.ones((DRAWS, len(set(orders))), int))
    there, differences = ~np.isnan(differences), np.nan_to_num(differences)
    times, of_groups = np.ones((DRAWS, classes)), np.ones((DRAWS, classes, groups))
    if whole:
        times = drawn(random, classes)
    else:
        of_groups = drawn(random, classes * groups).reshape(of_groups.shape)
    # [classes, resamples, groups] @ [classes, groups, runs]
    sums, counts = (of_groups.transpose(1, 0, 2).astype(float) @ of.transpose(1, 2, 0).astype(float) for of in (differences, there))
    # A class of which nothing was drawn is left out.
    times = times.T[:, :, None] * (counts > 0)
    of_runs = (times * sums / np.maximum(counts, 1)).sum(0) / np.maximum(times.sum(0), 1)
    return (runs * of_runs).sum(1)


def scores(text):
    """Mean scores of groups of test images in points, `[classes, groups]`."""
    numbers = np.frombuffer(base64.b64decode(text), "<u2").astype(float)
    return np.where(numbers == NOTHING, np.nan, 100 * numbers / FULL).reshape(-1, 5 if len(numbers) <= 50 else 2)


class Report:
    def __init__(self, folder, bootstrap):
        self.rows = json.loads((folder / "claims.json").read_text("utf-8"))["rows"]
        self.arms = collections.defaultdict(dict)
        with open(folder / "claims" / "runs.jsonl", encoding="utf-8") as lines:
            for run in map(json.loads, filter(str.strip, lines)):
                self.arms[run["arm"]][run["order"], run["seed"]] = run["facts"]
        self.bootstrap, self.compared, self.differ, self.random = bootstrap, 0, 0, np.random.default_rng(1)

    def compare(self, place, said, found, may=SAME, least=0.0):
        """Counts a cell, and lists it unless it is the same: text, a number or several, or nothing."""
        self.compared += 1
        lists = [of if isinstance(of, list) else [of] for of in (said, found)]
        numbers = [of for of in lists[0] + lists[1] if isinstance(of, (int, float))]
        off = may * max(map(abs, numbers), default=0) + least
        near = lambda one, other: abs(one - other) <= off if one in numbers and other in numbers else one == other
        self.expect(place, len(lists[0]) == len(lists[1]) and all(map(near, *lists)), said, found)

    def expect(self, place, good, said, found):
        if not good:
            self.differ += 1
            print(*place, "says", json.dumps(said), "found", json.dumps(found))

    def judge(self):
        chances = {}
        for row in self.rows:
            for told in filter(None, (row["told"], row["other"])):
                if not told.get("measured"):
                    raise Unsaid(f"row {row['id']} does not say what its values were measured from")
        places = [(row["id"], row["metric"] or "-") for row in self.rows]
        found = [row["told"] and self.told(place, row["told"], row["bound"]) for place, row in zip(places, self.rows)]
        corrected = holm({at: cell["p"] for at, cell in enumerate(found) if cell and cell["p"] is not None})
        for at, (place, row) in enumerate(zip(places, self.rows)):
            told, other, p = row["told"], row["other"], corrected.get(at)
            self.compare((*place, "runs"), row["runs"], len(told["values"]) if told else 0)
            for cell in ("mean", "interval"):
                self.compare((*place, cell), row[cell], told and told[cell], 0)
            self.compare((*place, "p_corrected"), row["p_corrected"], p)
            self.compare((*place, "finding"), row["finding"], finding(found[at]["mean"], row["bound"], p) if told else "not_measured")
            if other:
                place = row["id"], other["metric"] or "-"
                of_other = self.told(place, other, row["bound"])
                self.compare((*place, "finding"), other["finding"], finding(of_other["mean"], row["bound"], of_other["p"]))

    def told(self, place, told, bound):
        measured, runs = told["measured"], [(value["order"], value["seed"]) for value in told["values"]]
        facts = {run: found for run in dict.fromkeys(runs) if (found := self.facts(measured, run)) is not None}
        for value, run in zip(told["values"], runs):
            label = *place, f"value of order {run[0]}, seed {run[1]}"
            found = worth(measured, facts[run]) if run in facts else None
            self.compare(label, value["value"], found, EXACT, EXACT * max(1, *map(abs, facts.get(run, (0,)))))
        further = set.intersection(*(set(self.arms[arm]) for arm, _ in measured["of"])) - set(runs)
        if further:
            print(*place, "has no value of order and seed", *sorted(further), "though every arm ran there (no difference)")
        # What follows is computed from the values as the report has them, which have just been checked: one that differs is listed once.
        values = [value["value"] for value in told["values"]]
        trend = [facts[run] for run in runs if run in facts] if measured["how"] in ("rises", "falls") else None
        found = cells(values, bound, trend, measured.get("yes_or_no", False))
        least = TIED * max(map(abs, values))
        for cell in ("mean", "deviation", "interval"):
            self.compare((*place, cell), told[cell], found[cell], SAME, least)
        self.compare((*place, "p"), told["p"], found["p"])
        for cell in ("effect", "detectable"):
            self.compare((*place, cell), told[cell], found[cell], SEARCHED, least)
        if self.bootstrap:
            self.resampled(place, told, measured, runs, values, least)
        return found

    def facts(self, measured, run):
        """What a rule measured of a run, or nothing if an arm of it is not there."""
        found = [self.arms[arm].get(run, {}).get("numbers", {}).get(name) for arm, name in measured["of"]]
        return None if None in found else tuple(found)

    def resampled(self, place, told, measured, runs, values, least):
        orders = [order for order, _ in runs]
        if len(set(orders)) < 2:
            self.compare((*place, "over_orders"), told.get("over_orders"), None)
        else:
            self.ends((*place, "over_orders"), told.get("over_orders"), over_orders(self.random, orders, values), least)
        for cell in ("over_images", "over_classes"):
            # Not every difference is one of the same queries, so the report need not have these.
            if told[cell] is not None:
                groups = self.groups(measured, runs)
                means = None if groups is None else over_groups(self.random, orders, groups, cell == "over_classes")
                self.ends((*place, cell), told[cell], means, least)

    def groups(self, measured, runs):
        """Differences of groups of test images, `[runs, classes, groups]`, if all arms have them in all runs."""
        found = [[self.arms[arm].get(run, {}).get("groups", {}).get(name) for arm, name in measured["of"]] for run in runs]
        if measured["how"] != "difference" or len(runs) < 2 or any(None in of_run for of_run in found):
            return None
        return np.stack([scores(other) - scores(base) for base, other in found])

    def ends(self, place, said, means, least):
        """Whether the ends of an interval are quantiles of such means."""
        self.compared += 1
        if said is None or means is None:
            self.expect(place, False, said, None if means is None else np.quantile(means, [end for end, _ in ENDS]).tolist())
            return
        within = [np.quantile(means, between) for _, between in ENDS]
        good = all(low - least <= end <= high + least for end, (low, high) in zip(said, within))
        self.expect(place, good, said, np.quantile(means, [end for end, _ in ENDS]).tolist())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=here, help="what holds claims.json and claims/runs.jsonl")
    parser.add_argument("--no-bootstrap", action="store_true", help="leave out the intervals over orders, images and classes")
    arguments = parser.parse_args()
    report = Report(arguments.folder, not arguments.no_bootstrap)
    try:
        report.judge()
    except Unsaid as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(f"{report.compared} cells of {len(report.rows)} rows computed anew, {report.differ} differ")
    sys.exit(bool(report.differ))


if __name__ == "__main__":
    main()
