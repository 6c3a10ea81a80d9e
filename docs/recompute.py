"""Computes anew what a claims report holds of its runs, from their exported weights and the public pictures alone. Needs Python 3.9, NumPy and
loader.py beside it; where scikit-learn is installed, that computes average precisions, too.

    upgrade-lab claims --check 8 --weights weights
    python3 docs/recompute.py weights

Nothing here comes from the lab but what its files say: pictures, their order, embeddings, bridges, rankings and scores are made by the equations.
A number that is farther away than rounding explains is listed, and the exit code is 1.
"""
import argparse
import collections
import gzip
import hashlib
import json
import math
import pathlib
import re
import sys
import numpy as np

sys.dont_write_bytecode = True
import loader

try:
    from sklearn.metrics import average_precision_score
except ImportError:
    average_precision_score = None

# How far a mean average precision, a fraction, may be away: engines add 32-bit numbers up in other orders. Where that is more, as with few
# items, what comes of it if items whose cosines are nearer to each other than a tie change places.
MAP, TIE = 5e-6, 1e-6
# How far what is computed of embeddings without ranking anything may be away: CKA.
SMOOTH = 5e-6
# Queries whose average precision scikit-learn computes, too, of each run.
ASKED = 200
DEPTH = 10
MASK = 2**32 - 1


class Skipped(Exception):
    """Why nothing of a run can be computed anew."""


class Random:
    """ChaCha with 8 rounds under a key of 32 bytes, and how Rust's `rand` shuffles with it."""

    def __init__(self, key):
        self.key, self.counter, self.words = np.frombuffer(key, "<u4"), 0, []

    @classmethod
    def stream(cls, seed, label):
        return cls(hashlib.sha256(b"upgrade-lab/stream/" + int(seed).to_bytes(8, "little") + label.encode()).digest())

    @classmethod
    def of_number(cls, state):
        key = b""
        for _ in range(8):
            state = (state * 0x5851F42D4C957F2D + 0xA17654E46FBE17F3) % 2**64
            word, turn = ((state >> 18 ^ state) >> 27) & MASK, state >> 59
            key += ((word >> turn | word << (32 - turn)) & MASK).to_bytes(4, "little")
        return cls(key)

    def blocks(self, count=64):
        counters = np.arange(self.counter, self.counter + count, dtype="u4")
        self.counter += count
        start = np.zeros((16, count), "u4")
        start[:4] = np.frombuffer(b"expand 32-byte k", "<u4")[:, None]
        start[4:12], start[12] = self.key[:, None], counters
        x = start.copy()

        def quarter(a, b, c, d):
            for into, of, at, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[into] += x[of]
                x[at] ^= x[into]
                x[at] = x[at] << np.uint32(turn) | x[at] >> np.uint32(32 - turn)

        for _ in range(4):
            for column in range(4):
                quarter(column, 4 + column, 8 + column, 12 + column)
            for column in range(4):
                quarter(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
        return (x + start).T.reshape(-1).tolist()

    def word(self):
        if not self.words:
            self.words = self.blocks()[::-1]
        return self.words.pop()

    def below(self, bound):
        high, low = divmod(self.word() * bound, 2**32)
        if low > 2**32 - bound:
            high += low + (self.word() * bound >> 32) > MASK
        return high

    def shuffled(self, items):
        """Fisher and Yates from the front; one draw serves several places as long as it is below 2^32."""
        items, drawn, left = list(items), 0, 1
        for at in range(len(items)):
            if left == 0:
                bound = at + 1
                left = 1
                while bound * (at + 1 + left) <= MASK:
                    bound *= at + 1 + left
                    left += 1
                drawn = self.below(bound)
            left -= 1
            drawn, other = (drawn, drawn) if left == 0 else divmod(drawn, at + 1)
            items[at], items[other] = items[other], items[at]
        return items


def idx(path, digest):
    """The numbers of an IDX file of bytes: two zeros, the type, the count of dims, the dims, the numbers."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"{path} is not the file that the manifest names")
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    if data[:3] != b"\0\0\x08":
        raise ValueError(f"{path} holds no bytes")
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, "u1", offset=4 + 4 * data[3]).reshape(shape)


def pictures(folder, name):
    """Test pictures `[items, channels, height, width]` of a dataset, their classes, and the names of those."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    found = [dataset for dataset in manifest["datasets"] if dataset["id"] == name]
    if not found:
        raise Skipped(f"{folder / 'manifest.json'} lists no dataset '{name}'")
    (dataset,) = found
    if dataset.get("given"):
        raise Skipped("its models were given as embeddings: there are no pictures")
    files = {file["role"]: file for file in dataset["files"]}
    images, labels = (idx(folder / files[role]["path"], files[role]["sha256"]) for role in ("test-images", "test-labels"))
    shape, labels = dataset["shape"], labels.astype(int)
    images = images.reshape(-1, shape["channels"], shape["height"], shape["width"])
    if dataset.get("turned"):
        # The items of a class are dealt to the four turns, clockwise, as they come.
        met, classes = collections.Counter(), len(dataset["class_names"]) // 4
        images, labels = images.copy(), labels.copy()
        for at, label in enumerate(labels.tolist()):
            turn = met[label] % 4
            met[label] += 1
            images[at] = np.rot90(images[at], -turn, (1, 2))
            labels[at] = turn * classes + label
    return images, labels, dataset["class_names"]


def test_set(folder, scenario):
    """Pictures and classes of a run's test items in its order, and the names of the classes in its order."""
    data, seed = scenario["data"], scenario["seed"]
    images, labels, names = pictures(folder, data["dataset"])
    order = int(data.get("values", {}).get("class_order", 0))
    if order:
        order = Random.stream(order, "class-order").shuffled(range(len(names)))
        names, labels = [names[of] for of in order], np.argsort(order)[labels]
    items = []
    for number in range(len(names)):
        of_class = np.flatnonzero(labels == number).tolist()
        items += Random.stream(seed, f"split/test/class/{number}").shuffled(of_class)[:data["test_per_class"]]
    items = Random.stream(seed, "split/test/order").shuffled(items)
    return images[items], labels[items], names


def embed(card, tensors, images):
    return np.concatenate([loader.embed(card, tensors, images[at:at + 250]) for at in range(0, len(images), 250)])


def unit(rows, width):
    rows = rows[:, :width].astype("f8")
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def cosines(queries, gallery):
    """On the dims that both have; equal rows of one side have equal ones, whatever a processor adds up first."""
    width = min(queries.shape[1], gallery.shape[1])
    return np.round(unit(queries, width) @ unit(gallery, width).T, 12)


class Ranking:
    """The gallery in the order of each query's scores, without the query itself; of equal ones the first comes first."""

    def __init__(self, scores, labels):
        self.scores, self.labels = scores.copy(), labels
        np.fill_diagonal(self.scores, -np.inf)
        order = np.argsort(-self.scores, axis=1, kind="stable")[:, :-1]
        right = labels[order] == labels[:, None]
        hits, ranks = right.cumsum(1), np.arange(1, right.shape[1] + 1)
        relevant = np.maximum(hits[:, -1], 1)
        # A query without a match is none.
        self.asked = hits[:, -1] > 0
        self.precisions = (right * hits / ranks).sum(1) / relevant
        self.right, self.best = right[:, 0], order[:, :DEPTH]
        # What neighbours of two kinds make of an average precision that change places.
        sorted_scores = np.take_along_axis(self.scores, order, 1)
        tied = (sorted_scores[:, :-1] - sorted_scores[:, 1:] < TIE) & (right[:, :-1] != right[:, 1:])
        self.swaps = (tied * hits[:, 1:] / (ranks[:-1] * ranks[1:])).sum(1) / relevant

    def undecided(self):
        """Queries whose best item is relevant or not by less than a tie."""
        same = self.labels == self.labels[:, None]
        relevant, other = (np.where(of, self.scores, -np.inf).max(1) for of in (same, ~same))
        return np.abs(relevant - other) < TIE

    def loose(self):
        """Queries whose last item of those kept is as good as the next."""
        ends = -np.partition(-self.scores, [DEPTH - 1, DEPTH], axis=1)[:, [DEPTH - 1, DEPTH]]
        return ends[:, 0] - ends[:, 1] < TIE

    def mean(self, group=True):
        """Mean average precision of a group of queries in points, and how far it may be away."""
        group = self.asked & group
        return 100 * self.precisions[group].mean(), 100 * max(MAP, 2 * self.swaps[group].mean())

    def top1(self, group=True):
        """The same of top-1, which may be away by one query, and only where one is undecided."""
        group = self.asked & group
        return 100 * self.right[group].mean(), 100 * min(1, (self.undecided() & group).sum()) / group.sum()

    def by_name(self, name, group=True):
        yield f"mAP {name}", self.mean(group)
        yield f"top-1 {name}", self.top1(group)


class Run:
    """A run's models, test items and cells."""

    def __init__(self, folder, data):
        self.said = json.loads((folder / "run.json").read_text("utf-8"))
        self.scenario, self.numbers = self.said["scenario"], self.said["numbers"]
        self.pairs = [match.groups() for match in map(re.compile(r"mAP (v\d+\*?)/(v\d+\*?)").fullmatch, self.numbers) if match]
        if not self.pairs:
            raise Skipped("nothing is searched for in it: it holds no cell of queries and a gallery")
        self.images, self.labels, names = test_set(data, self.scenario)
        if names != self.said["class_names"]:
            raise ValueError(f"its classes come as {self.said['class_names']}, not as {names}")
        self.models, self.rows = {}, {}
        for path in sorted(folder.glob("*.safetensors")):
            card, tensors = loader.load(path)
            if card["dims"] and card["model"] in self.models:
                raise ValueError(f"{folder} holds two files of {card['model']}")
            if card["dims"]:
                self.check(path, card, tensors)
                self.models[card["model"]] = card, tensors
                self.rows[card["model"]] = embed(card, tensors, self.images)
        if not self.models:
            raise Skipped("it left no weights of a model that embeds pictures")
        there = lambda pair: all(model in self.models for model in pair)
        self.cells = {pair: Ranking(cosines(*self.brought(*pair)), self.labels) for pair in self.pairs if there(pair)}

    def check(self, path, card, tensors):
        """That the loader does what the lab did, and that the test items are those that the lab asked."""
        if not loader.self_check(card, tensors) < 1e-4:
            raise ValueError(f"{path} fails its self-check")
        listed = np.stack([np.arange(len(self.labels)), self.labels], 1).astype("<u4")
        if card["query_set"] != "sha256:" + hashlib.sha256(listed.tobytes()).hexdigest():
            raise ValueError(f"{path} was asked about other test items")

    def parents(self, model):
        if model.endswith("*"):
            return []
        stage = int(model[1:])
        return [f"v{of}" for of in self.scenario["stages"][stage - 1].get("from") or range(max(stage - 1, 1), stage)]

    def way(self, query, gallery):
        """The upgrades between a gallery and the queries of a model that descends from it, the newest first."""
        for parent in self.parents(query):
            further = [] if parent == gallery else self.way(parent, gallery)
            if parent == gallery or further:
                return [(query, parent)] + further
        return []

    def noted(self, new, rows):
        """Rows of the model before with their side information behind them, if the bridge of `new` needs any."""
        card, tensors = self.models[new]
        notes = card["bridge"]["notes"]
        return np.concatenate([rows, embed({**card, "forward": notes["forward"]}, tensors, self.images)], 1) if notes else rows

    def brought(self, query, gallery):
        """Rows as they are compared: queries go down from bridge to bridge, the gallery goes up."""
        queries, items = self.rows[query], self.rows[gallery]
        way = [(new, old) for new, old in self.way(query, gallery) if self.models[new][0]["bridge"]]
        side = lambda new: self.models[new][0]["bridge"]["side"]
        for new, old in way:
            if side(new) != "query":
                break
            card, tensors = self.models[new]
            fused = card["bridge"]["fusion"] is not None
            queries = loader.bridge(card, tensors, queries, self.rows[old]) if fused else loader.follow(queries, card["bridge"]["map"], tensors)
        for new, _ in way[::-1]:
            if side(new) != "gallery":
                break
            card, tensors = self.models[new]
            items = loader.follow(self.noted(new, items), card["bridge"]["map"], tensors)
        return queries, items

    def found(self):
        """Every number that can be computed by its name, with how far it may be away."""
        yield from zip(("mAP chance", "top-1 chance"), ((100 * level, 1e-9) for level in chance(self.labels)))
        seen = self.labels < self.scenario["stages"][0]["classes"]
        for (query, gallery), cell in self.cells.items():
            yield from cell.by_name(f"{query}/{gallery}")
            if (cell.asked & ~seen).any():
                yield from cell.by_name(f"{query}/{gallery} unseen", ~seen)
        if ("v1", "v1") in self.cells and ("v2", "v1") in self.cells:
            one, other = self.cells["v1", "v1"], self.cells["v2", "v1"]
            shared = (one.best[:, :, None] == other.best[:, None]).sum()
            loose = one.loose().sum() + other.loose().sum()
            yield "old neighbours", (100 * shared / one.best.size, 100 * loose / one.best.size)
        last = f"v{len(self.scenario['stages'])}"
        if self.parents(last):
            yield from self.upgrade(last, self.parents(last)[-1], seen)
        yield from self.chain()

    def upgrade(self, new, old, seen):
        """The judgement on the last upgrade."""
        star = new + "*" if (new + "*", old) in self.pairs else new
        needed = [(old, old), (new, old), (new, new), (star, star)]
        if not all(pair in self.cells for pair in needed):
            return
        before, cross, own, ceiling = (self.cells[pair] for pair in needed)
        for by, score in (("mAP", Ranking.mean), ("top-1", Ranking.top1)):
            (low, off_low), (now, off_now), (high, off_high) = map(score, (before, cross, ceiling))
            gain, most, off = now - low, high - low, off_now + off_low
            if most:
                share = gain / most
                yield f"{by} update gain", (100 * share, 100 * (off + abs(share) * (off_high + off_low)) / abs(most))
            yield f"{by} compatible", (float(gain > 0), float(abs(gain) <= off))
        asked = before.asked & cross.asked
        undecided = [min(1, (cell.undecided() & asked).sum()) for cell in (before, cross)]
        yield "NFR", (100 * (before.right & ~cross.right)[asked].mean(), 100 * sum(undecided) / asked.sum())
        of_old = seen if (before.asked & seen).any() else True
        (renewed, off_renewed), (kept, off_kept) = own.mean(of_old), cross.mean(of_old)
        yield "frozen gap", (renewed - kept, off_renewed + off_kept)
        yield "CKA new", (cka(self.rows[new], self.rows[old]), SMOOTH)
        yield "CKA independent", (cka(self.rows[star], self.rows[old]), SMOOTH)
        yield "stored", (self.rows[new].shape[1], 0)
        if "mAP branch" in self.numbers:
            # Of phi = A o + B f the part f, up to a factor: B'A is zero and B'B a multiple of the unit matrix.
            mixed = self.models[new][1]["transformation.weight"][:self.scenario["stages"][-1]["dims"]]
            branch = self.rows[new] @ mixed.T
            yield from Ranking(cosines(branch, branch), self.labels).by_name("branch")
        for model, order in ((new, "random"), (new, "class mean"), (new, "uncertainty"), (star, "random")):
            if f"backfill {model} {order}: area" in self.numbers:
                yield from self.backfill(model, old, order, before.mean())

    def backfill(self, new, old, order, level):
        """What queries find while the old gallery is embedded anew, a tenth at a time."""
        asked, items = self.brought(new, old)
        count = len(self.labels)
        if order == "random":
            turns = Random.of_number(self.scenario["seed"]).shuffled(range(count))
        elif order == "class mean":
            rows = unit(items, items.shape[1])
            means = np.stack([rows[self.labels == label].mean(0) for label in range(self.labels.max() + 1)])
            turns = np.argsort(-((rows - means[self.labels])**2).sum(1), kind="stable")
        else:
            card, tensors = self.models[new]
            uncertainty = loader.follow(self.noted(new, self.rows[old]), card["bridge"]["uncertainty"], tensors)
            turns = np.argsort(-uncertainty[:, 0], kind="stable")
        scores, renewed = cosines(asked, items), cosines(self.rows[new], self.rows[new])
        points = []
        for tenth in range(11):
            mixed, those = scores.copy(), turns[:int(tenth * count / 10 + 0.5)]
            mixed[:, those] = renewed[:, those]
            points.append(Ranking(mixed, self.labels).mean())
        curve, offs = np.array(points).T
        name, (before, off) = f"backfill {new} {order}: ", level
        yield name + "area", ((curve[1:] + curve[:-1]).mean() / 2, offs.mean())
        yield name + "dip", (min(curve[0], curve[-1]) - curve.min(), 2 * offs.max())
        share, *others = (below(curve, before + by) for by in (0, off + offs.max(), -off - offs.max()))
        yield name + "below", (share, max(abs(other - share) for other in others))

    def chain(self):
        """AC and AA over the deployed models, each the successor of the one before, and AC of the first so many."""
        count = len(self.scenario["stages"])
        pairs = [(new, old) for new in range(1, count + 1) for old in range(1, new + 1)]
        named = {pair: tuple(f"v{stage}" for stage in pair) for pair in pairs}
        if "mAP AC" not in self.numbers or not all(pair in self.cells for pair in named.values()):
            return
        for by, score in (("mAP", Ranking.mean), ("top-1", Ranking.top1)):
            scores = {pair: score(self.cells[named[pair]]) for pair in pairs}
            gains = []
            for new, old in pairs:
                if old < new:
                    (cross, off), (own, off_own) = scores[new, old], scores[old, old]
                    gains.append((new, cross - own, off + off_own))

            def share(models):
                """AC of the first so many models, and what the upgrades make of it that are neither."""
                of_these = [(gain > 0, abs(gain) <= off) for new, gain, off in gains if new <= models]
                return tuple(100 * np.mean(of_these, 0))

            yield f"{by} AC", share(count)
            yield f"{by} AA", tuple(np.mean(list(scores.values()), 0))
            if by == "mAP":
                for models in range(2, count + 1):
                    yield f"AC of {models}", share(models)


def below(curve, level):
    """Percent of its length that the line through points lies below a level."""
    steps = [sorted((start - level, end - level)) for start, end in zip(curve, curve[1:])]
    return 100 * np.mean([0 if low >= 0 else 1 if high < 0 else low / (low - high) for low, high in steps])


def chance(labels):
    """mAP and top-1 of a random order, exactly: each query finds R of N others."""
    count = len(labels) - 1
    relevant = np.array([number for number in np.bincount(labels) - 1 for _ in range(number + 1) if number > 0])
    harmonic = sum(1 / rank for rank in range(count, 0, -1))
    return ((harmonic + (relevant - 1) / (count - 1) * (count - harmonic)) / count).mean(), (relevant / count).mean()


def hsic(one, other):
    """The unbiased estimate for two matrices of similarities whose diagonals are zero."""
    count = len(one)
    sums = one.sum() * other.sum() / ((count - 1) * (count - 2))
    return ((one * other).sum() + sums - 2 / (count - 2) * (one.sum(0) @ other.sum(0))) / (count * (count - 3))


def cka(one, other):
    """Debiased linear CKA."""
    def similarities(rows):
        rows = rows.astype("f8")
        rows -= rows.mean(0)
        products = rows @ rows.T
        np.fill_diagonal(products, 0)
        return products
    one, other = similarities(one), similarities(other)
    return hsic(one, other) / math.sqrt(hsic(one, one) * hsic(other, other))


def second_opinion(cell):
    """The largest difference from scikit-learn's average precision of some queries, of those that have no equal scores."""
    worst = 0.0
    for query in np.linspace(0, len(cell.labels) - 1, ASKED).astype(int):
        others = np.arange(len(cell.labels)) != query
        scores, relevant = cell.scores[query, others], cell.labels[others] == cell.labels[query]
        if relevant.any() and len(np.unique(scores)) == len(scores):
            worst = max(worst, abs(average_precision_score(relevant, scores) - cell.precisions[query]))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="what `claims --weights` wrote")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("public/data"), help="folder with manifest.json and the pictures")
    arguments = parser.parse_args()
    folders = sorted(path.parent for path in arguments.folder.glob("*/run.json"))
    if not folders:
        sys.exit(f"{arguments.folder} holds no runs")
    failed, skipped, left, compared = [], [], collections.Counter(), 0
    width = max(len(folder.name) for folder in folders)
    second = "scikit-learn" if average_precision_score else ""
    print(f"{'run':{width}}  numbers  mAP differs  top-1 queries  the others, points  {second}".rstrip())
    for folder in folders:
        try:
            run = Run(folder, arguments.data)
        except Skipped as error:
            skipped.append(f"{folder.name}: {error}")
            continue
        except ValueError as error:
            failed.append(f"{folder.name}: {error}")
            continue
        found = dict(run.found())
        worst, queries, others, count = 0.0, 0.0, (0.0, ""), 0
        for name, said in run.numbers.items():
            if name not in found:
                left[re.sub(r"v\d+\*?", "v", name)] += 1
                continue
            value, may = found[name]
            # Numbers are kept to seven digits.
            off, may, count = abs(value - said), may + 1e-6 * abs(said) + 1e-9, count + 1
            if not off <= may:
                failed.append(f"{folder.name}: {name} is {said}, computed anew {value}, {off:.1e} away where {may:.1e} is allowed")
            if re.fullmatch(r"mAP v\S+( unseen)?", name):
                worst = max(worst, off / 100)
            elif re.fullmatch(r"top-1 v\S+", name):
                queries = max(queries, off / 100 * len(run.labels))
            elif "top-1 v" not in name:
                others = max(others, (off, name))
        compared += count
        line = f"{folder.name:{width}}  {count:7}  {worst:11.1e}  {queries:13.3f}  {others[0]:.1e} ({others[1]})"
        if second and run.cells:
            apart = second_opinion(list(run.cells.values())[-1])
            line += f"  {apart:.1e}"
            if apart > 1e-9:
                failed.append(f"{folder.name}: scikit-learn's average precision is {apart:.1e} away")
        print(line, flush=True)
    print(f"{compared} numbers of {len(folders) - len(skipped)} runs computed anew.")
    left = [f"{name} ({times} times)" for name, times in sorted(left.items())]
    for title, entries in (("Not computed anew", left), ("Skipped", skipped), ("Beyond rounding", failed)):
        if entries:
            print(f"{title}:", *entries, sep="\n  ")
    if not average_precision_score:
        print("scikit-learn is not installed: nothing else computed average precisions.")
    sys.exit(bool(failed) or not compared)


if __name__ == "__main__":
    main()
