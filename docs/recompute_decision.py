"""Computes anew what a report of `upgrade-lab decide` holds, from the vectors and what is known of relevance alone. Needs Python 3.9, NumPy,
and recompute.py and loader.py beside it; where SciPy or pytrec_eval are installed, these compute some of it, too.

    upgrade-lab decide --old old --new new --qrels qrels.tsv --out out
    python3 docs/recompute_decision.py --old old --new new --qrels qrels.tsv out/report.json

Nothing here comes from the lab but its files and the order in which its seed draws. Rankings by the models alone are exact: scores are
those of 32 bits, added up in the order that the lab states, and ties come in its order. Bridges are fitted here in 64 bits. Documents whose
scores are nearer to each other than a bridge in 32 bits tells may have changed places, and a number may be whatever that makes of it. A
bridge without a closed form is followed as it was left beside the report, if it is the best of its direction. Ends of intervals are held
against the lab's resamples and against others. A number that is farther away than all that explains is listed, and the exit code is 1.
"""
import argparse
import collections
import contextlib
import functools
import itertools
import json
import math
import os
import pathlib
import re
import sys

# Where cores are busy its threads wait for one another, and matrices as small as these take a hundred times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

sys.dont_write_bytecode = True
from recompute import MASK, Random

try:
    import pytrec_eval
except ImportError:
    pytrec_eval = None
try:
    from scipy.linalg import orthogonal_procrustes
except ImportError:
    orthogonal_procrustes = None

# How far a number may be away where no ranking is open: sums of 64 bits in another order.
ROUNDING = 1e-9
# Sums of differences that are nearer to 0 are 0.
CANCELLED = 1e-12
# By how many times the largest difference that 32 bits make here they may differ there, which add up in another order.
TIMES = 8
# Mean cosines on held-out pairs that are nearer to each other may be in another order, so that a map may be any of those.
NEAR, MOST = 1e-6, 8
# Scores across a bridge that 32 bits leave this open say nothing.
OPEN = 1e-4
# Resamples of the lab, others, and the shares of these between which an end of an interval lies: that 25 of 1,000 are beyond a point beyond
# which 0.6 % or 6.8 % are takes five standard errors.
RESAMPLES, OTHERS, BANDS = 1000, 2000, ((0.006, 0.068), (0.932, 0.994))
# What the lab states: ranks, pairs, dims, documents that ask, cut-offs, shares that are re-embedded.
DEPTH, PAIRS_LEAST, HELD, WIDE, AXES, ASKING = 100, 64, 1024, 1536, 1024, 2000
SHARES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
TARGET, LEAST = 0.9, 10
PERCENTS, DRAWN = (0, 10, 25, 50, 75, 90, 100), 256
CLOSED = ("translation", "procrustes", "scaled_procrustes", "ridge", "low_rank")
FAMILIES, DIRECTIONS, CANDIDATES = (*CLOSED, "clusters", "mlp"), ("queries", "gallery"), (10, 20, 50, 100, 200)
# Words of names of files.
OF_DOCUMENTS = set("corpus gallery passage passages doc docs document documents docid docids pid pids".split())
OF_QUERIES = set("query queries question questions probe probes qid qids qs".split())
OF_LABELS = set("label labels y class classes category categories topic topics identity identities person speaker relevant positive "
                "positives gold".split())
OF_IDS = set("id ids docid docids qid qids pid pids uid uuid key keys filename filenames".split())
OF_PARTS = set("train training val valid validation dev development test testing eval evaluation".split())
OF_JUDGEMENTS = set("qrel qrels judgments judgements relevance".split())


class Skipped(Exception):
    """Why something cannot be computed anew."""


class Stream(Random):
    """One of the streams of numbers that a seed has: ChaCha with the number of the stream where a nonce stands."""

    def __init__(self, seed, stream=0):
        super().__init__(Random.of_number(seed).key.tobytes())
        self.stream = stream

    def blocks(self, count=64):
        state = np.zeros((16, count), "u4")
        state[:4] = np.frombuffer(b"expand 32-byte k", "<u4")[:, None]
        state[4:12], state[12], state[14] = self.key[:, None], np.arange(self.counter, self.counter + count), self.stream
        self.counter += count
        x = state.copy()
        for turn in range(8):
            # Columns and diagonals, all four at once.
            a, b, c, d = (4 * row + (np.arange(4) + row * (turn % 2)) % 4 for row in range(4))
            for into, of, at, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[into] += x[of]
                x[at] ^= x[into]
                x[at] = x[at] << np.uint32(bits) | x[at] >> np.uint32(32 - bits)
        return (x + state).T.reshape(-1).tolist()

    def draws(self, bound, count):
        """`below(bound)` so often, of a generator that has drawn nothing yet."""
        words = np.array(self.blocks(count // 16 + 8), "u8")
        high, low = words * np.uint64(bound) >> np.uint64(32), words * np.uint64(bound) & np.uint64(MASK)
        kept = np.ones(len(words), bool)
        for at in np.flatnonzero(low > 2**32 - bound):
            if kept[at] and at + 1 < len(words):
                high[at] += int(low[at]) + (int(words[at + 1]) * bound >> 32) > MASK
                kept[at + 1] = False
        return high[kept][:count].astype(int)


# What was handed in.

def words(path):
    return [word.lower() for word in re.findall(r"[^\W_]+", str(path))]


def kind_of(path):
    said = [word for word in words(path) if word in OF_DOCUMENTS | OF_QUERIES]
    return None if not said else "queries" if said[-1] in OF_QUERIES else "documents"


def names_of(values):
    """A list of ids or labels as words; an empty one is none."""
    def name(value):
        if isinstance(value, bytes):
            try:
                return value.decode()
            except UnicodeDecodeError:
                return value.decode("latin-1")
        if isinstance(value, float):
            if value != value or not value.is_integer():
                return "" if value != value else None
            return str(int(value))
        return str(int(value)) if isinstance(value, bool) else str(value)
    names = [name(value) for value in values]
    return None if None in names else names


def numbers_of(array):
    """Vectors in 32 bits: of int8 the numbers, of bytes their bits as -1 and 1."""
    if array.dtype == np.uint8:
        return np.unpackbits(array, axis=1).astype("f4") * 2 - 1
    if array.dtype.kind != "f" and array.dtype != np.int8:
        raise SystemExit(f"vectors of type {array.dtype} are not read")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, "f4")


def contents(path):
    """Arrays and lists of a file or a folder, by their paths within it."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    for file in files:
        name = str(file.relative_to(path)) if path.is_dir() else file.name
        if file.suffix in (".npy", ".npz"):
            loaded = np.load(file, allow_pickle=False)
            entries = {name: loaded} if file.suffix == ".npy" else {f"{name}/{entry}": loaded[entry] for entry in loaded.files}
            for name, array in entries.items():
                sides = [side for side in array.shape[1:] if side != 1]
                if len(sides) == 1:
                    yield name, array.reshape(len(array), sides[0])
                elif array.ndim and not sides:
                    yield name, (array.dtype.kind, names_of(array.ravel().tolist()))
        elif file.suffix == ".json":
            values = json.loads(file.read_text("utf-8"))
            if isinstance(values, list) and all(isinstance(value, (str, int)) for value in values):
                yield name, ("U", names_of(values))
        elif file.suffix in (".txt", ".tsv", ".csv", ".qrels") and OF_JUDGEMENTS & set(words(name)):
            yield name, file
        elif file.suffix in (".txt", ".ids", ".lst"):
            lines = [line.strip() for line in file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")]
            while lines and not lines[-1]:
                lines.pop()
            yield name, ("S", names_of(lines))


class Given:
    """What one model's files hold: vectors, ids and labels of documents and of queries."""

    def __init__(self, path, beside=()):
        self.vectors, self.ids, self.labels, self.judgements, lists = {}, {}, {}, [], []
        for name, content in [*contents(path), *beside]:
            said = set(words(name))
            used = "labels" if said & OF_LABELS else "ids" if said & OF_IDS else None
            if isinstance(content, pathlib.Path):
                self.judgements.append(content)
            elif isinstance(content, tuple):
                letter, names = content
                if names is None or letter == "f" and used is None:
                    continue
                lists.append((name, used or ("ids" if len(set(names)) == len(names) else "labels"), names))
            elif used == "labels":
                raise SystemExit(f"{name}: several labels a row are not read here")
            else:
                kind = kind_of(name) or "documents"
                if said & OF_PARTS or kind in self.vectors:
                    raise SystemExit(f"{path}: {name} is one of several arrays of {kind}, and only one of each is read here")
                self.vectors[kind] = numbers_of(content)
        for name, used, names in lists:
            kind = kind_of(name) if "queries" in self.vectors else None
            for of, rows in self.vectors.items():
                if kind in (None, of) and len(names) == len(rows):
                    getattr(self, used).setdefault(of, names)


def single(ids):
    """Ids, each of which stands once: of the second `a`, `a#2`; empty ones are called by their row."""
    met, names = collections.Counter(), []
    for row, name in enumerate(ids):
        met[name] += 1
        names.append(f"row {row}" if not name else name if met[name] == 1 else f"{name}#{met[name]}")
    return names


def judgements(path):
    """Queries, documents and grades: three or four columns, or two where every document that is named is relevant."""
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines()):
        line = line.strip().lstrip("\ufeff")
        cells = line.split("\t") if "\t" in line else line.split(",") if "," in line else line.split()
        cells = [cell.strip() for cell in cells]
        cells = [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]
        if not line:
            continue
        if not 2 <= len(cells) <= 4:
            raise SystemExit(f"{path}, line {number + 1}: {len(cells)} columns")
        grade = cells[-1] if len(cells) > 2 else "1"
        try:
            grade = float(np.float32(grade))
        except ValueError:
            if number:
                raise SystemExit(f"{path}, line {number + 1}: the grade {grade} is no number") from None
            continue
        if not (len(cells) == 2 and number == 0 and cells[0].lower().replace("-", "_") in ("query_id", "qid", "query", "queryid", "q")):
            yield cells[0], cells[-1] if len(cells) == 2 else cells[-2], grade


class Case:
    """Rows that both models have, and what answers what: grades of each query's `relevant` documents, or `labels`."""

    def __init__(self, old, new, qrels):
        self.rows, self.names, self.relevant, self.labels = {"old": {}, "new": {}}, {}, None, None
        ids, marks = {}, {}
        for kind in ("documents", "queries"):
            if kind not in old.vectors and kind not in new.vectors:
                continue
            here, there, ids[kind] = self.joined(kind, old, new)
            self.rows["old"][kind], self.rows["new"][kind] = old.vectors[kind][here], new.vectors[kind][there]
            self.names[kind] = ids[kind] or [str(row) for row in here]
            labels = [old.labels[kind][row] for row in here] if kind in old.labels else \
                [new.labels[kind][row] for row in there] if kind in new.labels else None
            marks[kind] = labels and [label.strip() for label in labels]
        if "documents" not in self.names:
            raise SystemExit("there are no documents")
        self.own = "queries" not in self.names
        if qrels and self.own:
            raise SystemExit("judgements are of queries, and there are none")
        if qrels:
            self.by_judgements(itertools.chain(*map(judgements, qrels)))
        elif self.own:
            self.alone(marks["documents"])
        else:
            self.apart(ids["documents"], marks["documents"], marks["queries"])
        for kind in self.names:
            self.keep(kind, [np.isfinite(self.rows[model][kind]).all(1) for model in self.rows])
        if not self.own and self.relevant is None and self.labels is None:
            self.partners(ids)
        for kind in self.names:
            self.keep(kind, [self.rows[model][kind].any(1) for model in self.rows])
        if not (self.may_ask() if self.own else self.judged()).any():
            self.relevant = self.labels = None

    @staticmethod
    def joined(kind, old, new):
        """Rows of the same document or query by their ids, or by their places; and ids."""
        for model in (old, new):
            if kind not in model.vectors:
                raise SystemExit(f"one model has no {kind}")
        one, other = old.ids.get(kind), new.ids.get(kind)
        if one and other and one != other:
            one, other = single(one), {name: row for row, name in enumerate(single(other))}
            here = [row for row, name in enumerate(one) if name in other]
            return here, [other[one[row]] for row in here], [one[row] for row in here]
        count = len(old.vectors[kind])
        if count != len(new.vectors[kind]):
            raise SystemExit(f"the models have unlike numbers of {kind}, and not both have ids")
        return list(range(count)), list(range(count)), single(one or other) if one or other else None

    def keep(self, kind, flags):
        """Leaves out rows of which a flag of either model is not set; what is known of them follows."""
        kept = np.flatnonzero(np.logical_and(*flags))
        for model in self.rows.values():
            model[kind] = model[kind][kept]
        self.names[kind] = [self.names[kind][row] for row in kept]
        if self.labels is not None:
            self.labels[kind] = self.labels[kind][kept]
        if self.relevant is not None and kind == "documents":
            places = {row: place for place, row in enumerate(kept.tolist())}
            self.relevant = [{places[row]: grade for row, grade in of.items() if row in places} for of in self.relevant]
        elif self.relevant is not None:
            self.relevant = [self.relevant[row] for row in kept]

    def by_judgements(self, lines):
        asked, documents = ({name: row for row, name in enumerate(self.names[kind])} for kind in ("queries", "documents"))
        self.relevant = [{} for _ in self.names["queries"]]
        for query, document, grade in lines:
            if query in asked and document in documents and grade > 0:
                of = self.relevant[asked[query]]
                of[documents[document]] = max(grade, of.get(documents[document], 0))

    def alone(self, marks):
        """Documents that ask for others of their label; or the first row of each label is a document and the second a query."""
        if marks is None:
            return
        counts = collections.Counter(label for label in marks if label)
        if len(counts) >= 8 and "" not in marks and set(counts.values()) == {2}:
            rows = {}
            for row, label in enumerate(marks):
                rows.setdefault(label, []).append(row)
            firsts, seconds = (np.array(of) for of in zip(*sorted(rows.values())))
            parts, names = {"documents": firsts, "queries": seconds}, self.names["documents"]
            self.names = {kind: [names[row] for row in part] for kind, part in parts.items()}
            self.rows = {model: {kind: of["documents"][part] for kind, part in parts.items()} for model, of in self.rows.items()}
            self.relevant, self.own = [{row: 1.0} for row in range(len(seconds))], False
        elif len(counts) >= 2 and max(counts.values()) >= 2:
            self.labels = {"documents": numbered(marks, {})}

    def apart(self, ids, of_documents, of_queries):
        """Queries whose labels are ids of documents, or have labels as documents have."""
        if of_queries and ids:
            places = {name: row for row, name in enumerate(ids)}
            relevant = [{places[label]: 1.0} if label in places else {} for label in of_queries]
            found = sum(map(bool, relevant))
            if found and 2 * found >= sum(map(bool, of_queries)):
                self.relevant = relevant
                return
        if of_documents and of_queries:
            known = {}
            labels = {"documents": numbered(of_documents, known), "queries": numbered(of_queries, known)}
            asked = labels["queries"][labels["queries"] >= 0]
            answered = np.isin(asked, labels["documents"]).sum()
            if answered and 2 * answered >= len(asked):
                self.labels = labels

    def partners(self, ids):
        """One document for each query, of the same id or in the same place, where queries find it far more often than by chance."""
        documents, queries = (len(self.names[kind]) for kind in ("documents", "queries"))
        of = None
        if ids["documents"] and ids["queries"]:
            places = {name: row for row, name in enumerate(self.names["documents"])}
            of = [places.get(name) for name in self.names["queries"]]
            of = of if 2 * (queries - of.count(None)) >= queries else None
        if of is None:
            of = list(range(queries)) if queries == documents else []
        asked = [(query, document) for query, document in enumerate(of) if document is not None]
        others = np.arange(0, documents, max(-(-documents // 1000), 1))
        if len(asked) < 20 or len(others) < 2:
            return
        some = np.array(asked[::-(-len(asked) // 200)])
        shares = []
        for model in self.rows.values():
            rows, asking = (unit(model[kind], "f8") for kind in ("documents", "queries"))
            cosines = asking[some[:, 0]] @ rows[others].T
            cosines[some[:, 1:] == others] = -np.inf
            shares.append((cosines.max(1) < (asking[some[:, 0]] * rows[some[:, 1]]).sum(1)).mean())
        if max(shares) >= min(max(0.1, 10 / (len(others) - 1)), 0.5):
            self.relevant = [{} if document is None else {document: 1.0} for document in of]

    def judged(self):
        """Of each query, whether anything is relevant to it; all where nothing is known of any."""
        if self.relevant is not None:
            return np.array([bool(of) for of in self.relevant])
        if self.labels is not None:
            return (self.labels["queries"] >= 0) & np.isin(self.labels["queries"], self.labels["documents"])
        return np.ones(len(self.names["queries"]), bool)

    def may_ask(self):
        """Of each document, whether another one is relevant to it; all where nothing is known of any."""
        if self.labels is None:
            return np.full(len(self.names["documents"]), self.relevant is None)
        labels = self.labels["documents"]
        return (labels >= 0) & (np.bincount(labels + 1)[labels + 1] > 1)


def numbered(names, known):
    """Labels as numbers, -1 for none."""
    return np.array([known.setdefault(name, len(known)) if name else -1 for name in names])


# Rows and rankings.

def unit(rows, kind="f4"):
    """Rows of length 1, rounded once; lengths are added up number by number in 64 bits. Rows of zeros stay."""
    parts = [np.add.accumulate(rows[at:at + 4096].astype("f8")**2, 1)[:, -1:] for at in range(0, len(rows), 4096)]
    lengths = np.sqrt(np.concatenate(parts))
    return np.divide(rows.astype("f8"), lengths, out=np.zeros(rows.shape), where=lengths > 0).astype(kind)


def dot(queries, rows):
    """Inner products in 32 bits: every sixteenth product one after the other, the sixteen sums by halves, then what is left over."""
    whole = rows.shape[-1] // 16 * 16
    sums = np.zeros(np.broadcast_shapes(queries.shape[:-1], rows.shape[:-1]) + (16,), "f4")
    for at in range(0, whole, 16):
        sums += queries[..., at:at + 16] * rows[..., at:at + 16]
    for half in (8, 4, 2, 1):
        sums = sums[..., :half] + sums[..., half:2 * half]
    rest = np.zeros(sums.shape[:-1], "f4")
    for at in range(whole, rows.shape[-1]):
        rest += queries[..., at] * rows[..., at]
    return sums[..., 0] + rest + np.float32(0)


def bound(dims):
    """How far that is from the exact product of two rows of length 1 at most."""
    return (dims // 16 + 24) * 2.0**-24


@functools.lru_cache(None)
def ties(count):
    """Documents in the order in which those of one score come: by a step of SplitMix64."""
    mixed = np.arange(count, dtype="u8") + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    return np.argsort(mixed ^ mixed >> np.uint64(31), kind="stable")


class Index:
    """Rows of documents in the order of ties. Rows of one `key` are copies, which have one score."""

    def __init__(self, rows, key=None):
        self.documents = ties(len(rows))
        self.place = np.argsort(self.documents)
        self.rows = rows[self.documents]
        key = np.ascontiguousarray((rows if key is None else key)[self.documents])
        _, self.one, copy = np.unique(key.view(f"V{key.itemsize * key.shape[1]}").ravel(), return_index=True, return_inverse=True)
        self.copy = copy.ravel()

    def scores(self, queries):
        return (queries.astype("f8") @ self.rows[self.one].astype("f8").T)[:, self.copy]


def best(scores, need, slack):
    """Columns of the best of each row, best first, those of one score in their order: all that may be among the first `need`."""
    count = scores.shape[1]
    width = min(need + 64, count)
    while True:
        if width == count:
            return np.argsort(-scores, 1, kind="stable")
        columns = np.sort(np.argpartition(-scores, width - 1, 1)[:, :width], 1)
        there = np.take_along_axis(scores, columns, 1)
        order = np.argsort(-there, 1, kind="stable")
        there = np.take_along_axis(there, order, 1)
        if (there[:, -1] < there[:, need - 1] - 4 * np.max(slack)).all():
            return np.take_along_axis(columns, order, 1)
        width = min(4 * width, count)


class Found:
    """Documents that were found for each query, their scores, and between which ranks each of them is."""

    def __init__(self, documents, first, last, scores, slack):
        self.documents, self.first, self.last, self.scores, self.slack = documents, first, last, scores, slack

    @classmethod
    def joined(cls, parts):
        width = max(part.documents.shape[1] for part in parts)

        def padded(of, value):
            arrays = [getattr(part, of) for part in parts]
            return np.concatenate([np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=value) for array in arrays])
        return cls(padded("documents", -1), padded("first", 2**40), padded("last", 2**40), padded("scores", -np.inf), parts[0].slack)

    @classmethod
    def near(cls, scores, need, slack, copy, documents, own=None):
        """By scores each of which may be `slack` away, of rows in the order of ties; `own`: the column that a query is."""
        count, copies = scores.shape[1], np.bincount(copy)[copy]
        order = np.argsort(copy, kind="stable")
        before = np.empty(count, int)
        before[order] = np.arange(count) - np.searchsorted(copy[order], copy[order])
        if own is not None:
            scores = scores.copy()
            scores[np.arange(len(own)), own] = -np.inf
        columns = best(scores, need, slack)
        scores, width = np.take_along_axis(scores, columns, 1), columns.shape[1]
        if not np.any(slack):
            ranks = np.where(np.isfinite(scores), np.arange(1, width + 1), 2**40)
            return cls(documents[columns], ranks, ranks, scores, 0.0)
        slacks = np.take_along_axis(slack, columns, 1) if np.ndim(slack) else np.full(scores.shape, slack)
        low, high = scores - slacks, scores + slacks
        first, last = np.empty(columns.shape, int), np.empty(columns.shape, int)
        for row in range(len(columns)):
            first[row] = 1 + width - np.searchsorted(np.sort(low[row]), high[row], "right")
            last[row] = width - np.searchsorted(np.sort(high[row]), low[row], "left")
        # Copies come in their order.
        earlier, later = before[columns], copies[columns] - 1 - before[columns]
        if own is not None:
            same = copy[columns] == copy[own][:, None]
            earlier, later = earlier - (same & (own[:, None] < columns)), later - (same & (own[:, None] > columns))
        first, last = first + earlier, last - later
        if own is not None:
            first[columns == own[:, None]] = last[columns == own[:, None]] = 2**40
        return cls(documents[columns], first, last, scores, slack)

    @classmethod
    def exact(cls, index, queries, need, own=None):
        columns = index.scores(queries)
        if own is not None:
            columns[np.arange(len(own)), own] = -np.inf
        columns = np.sort(best(columns, need, 2 * bound(index.rows.shape[1])), 1)
        scores = scores_of(queries, index.rows, columns)
        if own is not None:
            scores[columns == own[:, None]] = -np.inf
        order = np.argsort(-scores, 1, kind="stable")
        columns, scores = np.take_along_axis(columns, order, 1), np.take_along_axis(scores, order, 1)
        ranks = np.where(np.isfinite(scores), np.arange(1, columns.shape[1] + 1), 2**40)
        return cls(index.documents[columns], ranks, ranks, scores.astype("f8"), 0.0)

    def first_documents(self, count):
        """Of an exact ranking, a list for each query."""
        return [documents[ranks <= count] for documents, ranks in zip(self.documents, self.first)]


def scores_of(queries, rows, columns):
    """`dot` of each query and the rows at its columns."""
    step = max(1, int(2e7 // (columns.shape[1] * rows.shape[1])))
    parts = [dot(queries[at:at + step, None], rows[columns[at:at + step]]) for at in range(0, len(queries), step)]
    return np.concatenate(parts)


def search(index, queries, need, slack=None, own=None):
    """The best documents of each query: exactly, or by scores that may be `slack` away."""
    step, parts = max(1, int(2e7 // len(index.documents))), []
    for at in range(0, len(queries), step):
        asks, of = queries[at:at + step], None if own is None else own[at:at + step]
        if slack is None:
            parts.append(Found.exact(index, asks, need, of))
        else:
            parts.append(Found.near(index.scores(asks), need, slack, index.copy, index.documents, of))
    return Found.joined(parts)


def rescored(found, order, candidates):
    """The first candidates in the order of other scores, which is exact, and the rest behind them as it was found."""
    may, does, back = found.first <= candidates, found.last <= candidates, np.argsort(order, 1)

    def better(flags):
        flags = np.take_along_axis(flags, order, 1)
        return np.take_along_axis(flags.cumsum(1) - flags, back, 1)
    first = np.where(may, 1 + better(does), found.first)
    last = np.where(does, np.minimum(candidates, 1 + better(may)), found.last)
    return Found(found.documents, first, last, found.scores, found.slack)


# Maps.

class Pairs:
    """Pairs of rows of length 1 and the sums that maps are fitted by, in 64 bits or as 32 bits have them."""

    def __init__(self, x, y, rows, kind="f8"):
        order = np.array(Random.of_number(len(rows)).shuffled(rows))
        self.count, self.held = len(order), min(max(len(order) // 10, 1), HELD)
        self.rows = [unit(side[order], "f8") for side in (x, y)]
        self.means = [rows.mean(0) for rows in self.rows]
        self.bases = [basis(rows - mean) for rows, mean in zip(self.rows, self.means)]
        self.centred = [(rows - mean if axes is None else (rows - mean) @ axes).astype(kind)
                        for rows, mean, axes in zip(self.rows, self.means, self.bases)]
        self.dims = [dims_of(rows) for rows in self.rows]

    @functools.lru_cache(None)
    def sums(self, all_pairs):
        """Means, `(X - mx)'(X - mx)` and `(X - mx)'(Y - my)` of all pairs or of those that are not held out."""
        x, y = (rows[0 if all_pairs else self.held:] for rows in self.centred)
        mx, my = x.mean(0, dtype="f8"), y.mean(0, dtype="f8")
        products = [(x.T @ of).astype("f8") - len(x) * np.outer(mx, mean) for of, mean in ((x, mx), (y, my))]
        return mx, my, *products

    def affine(self, weight, all_pairs=True):
        """The map of rows of length 1 that takes the mean of these pairs to their mean."""
        mx, my, *_ = self.sums(all_pairs)
        bias = my - mx @ weight
        left, right = self.bases
        weight = weight if left is None else left @ weight
        weight, bias = (weight, bias) if right is None else (weight @ right.T, bias @ right.T)
        return weight, self.means[1] + bias - self.means[0] @ weight

    def agreement(self, weight, bias):
        """The mean cosine of held-out rows with what is predicted for them."""
        x, y = (rows[:self.held] for rows in self.rows)
        return (unit(x @ weight + bias, "f8") * y).sum(1).mean()

    def translation(self, _=None, all_pairs=True):
        mx, my = (rows[0 if all_pairs else self.held:].mean(0) for rows in self.rows)
        weight = np.eye(len(mx), len(my))
        return weight, my - mx @ weight

    def procrustes(self, scaled):
        _, _, auto, cross = self.sums(True)
        free = max(min(self.dims) - self.count + 1, 0)
        if not free:
            left, values, right = np.linalg.svd(cross, full_matrices=False)
            free = (values < 1e-8 * values[0]).sum()
        if free:
            raise Skipped(f"{free} directions of its turn do not follow from the pairs, and the lab has an order of its own for them")
        return self.affine(left @ right * (values.sum() / np.trace(auto) if scaled else 1))

    @functools.lru_cache(None)
    def axes(self, all_pairs):
        """Principal axes `V` of the rows to map from, as columns, their squared sums `s`, and `V'C`."""
        mx, _, auto, cross = self.sums(all_pairs)
        x = self.centred[0][0 if all_pairs else self.held:]
        if len(x) < len(mx):
            _, roots, axes = np.linalg.svd(x - mx, full_matrices=False)
            return axes.T, roots**2, axes @ cross
        values, axes = np.linalg.eigh(auto)
        return axes, np.maximum(values, 0), axes.T @ cross

    def penalised(self, share, all_pairs):
        return (self.axes(all_pairs)[1] + share * max(np.trace(self.sums(all_pairs)[2]) / self.dims[0], 1e-12))[:, None]

    def regression(self, share, all_pairs):
        """`(A + lambda I)^-1 C`, which is `V (s + lambda)^-1 V'C`."""
        axes, _, along = self.axes(all_pairs)
        return axes @ (along / self.penalised(share, all_pairs))

    @functools.lru_cache(None)
    def leading(self, share, all_pairs):
        """Directions that the regression predicts most in, as columns: the leading eigenvectors of `C'(A + lambda I)^-1 C`."""
        _, roots, axes = np.linalg.svd(self.axes(all_pairs)[2] / np.sqrt(self.penalised(share, all_pairs)), full_matrices=False)
        return axes[:max((roots**2 > 1e-12 * roots[0]**2).sum(), 1)].T

    def ridge(self, share, all_pairs=True):
        return self.affine(self.regression(share, all_pairs), all_pairs)

    def low_rank(self, choice, all_pairs=True):
        share, rank = choice
        axes = self.leading(share, all_pairs)[:, :rank]
        return self.affine(self.regression(share, all_pairs) @ axes @ axes.T, all_pairs)

    def chosen(self, family):
        """The mean cosine on held-out pairs, and the choices that have it but for rounding; None where nothing is chosen."""
        if family == "translation":
            whole = all(axes is None for axes in self.bases)
            return (self.agreement(*self.translation(None, False)) if whole else -np.inf), [None]
        if family == "procrustes":
            return -np.inf, [False]
        if family == "scaled_procrustes":
            return -np.inf, [True]
        held, near = nearest({share: self.agreement(*self.ridge(share, False)) for share in SHARES})
        if family == "ridge":
            return held, near
        half, found = max(min(self.dims) // 2, 1), []
        ranks = [rank for rank in (8 * 2**power for power in range(20)) if rank < half] + [half]
        for share in near:
            most = self.leading(share, False).shape[1]
            # Where there are fewer directions, 32 bits may find more that are none.
            tried = sorted({min(rank, most) for rank in ranks} | set(ranks))
            held, best = nearest({(share, rank): self.agreement(*self.low_rank((share, rank), False)) for rank in tried})
            found.append((held, best))
        return found[0][0], [choice for _, best in found for choice in best]

    def fit(self, family, choice):
        return (self.procrustes if "procrustes" in family else getattr(self, family))(choice)


def dims_of(rows):
    """Numbers of a row in a fit: those of wide rows on leading principal axes."""
    return rows.shape[1] if rows.shape[1] <= WIDE else min(AXES, len(rows) - 1)


def basis(centred):
    """The axes that wide rows are projected on; as columns. None where they are taken whole."""
    if centred.shape[1] <= WIDE:
        return None
    if len(centred) - 1 > AXES:
        raise Skipped(f"rows of more than {WIDE} numbers were projected on axes that random mixtures of rows lead to")
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    return axes[values > 1e-6 * values[0]].T


def nearest(cosines):
    """The largest, and whose it is, but for rounding."""
    most = max(cosines.values())
    return most, [choice for choice, cosine in cosines.items() if cosine >= most - NEAR]


def normal(x):
    """The share of the normal distribution below x (Abramowitz and Stegun, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x) / math.sqrt(2))
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    beyond = sum(term * t**(power + 1) for power, term in enumerate(terms)) * np.exp(-x * x / 2) / 2
    return np.where(x > 0, 1 - beyond, beyond)


def follow(rows, steps, tensors, kind, path="step"):
    """The steps of a bridge that was left as a SafeTensors file."""
    for place, step in enumerate(steps):
        t = lambda name, here=f"{path}.{place}": tensors[f"{here}.{name}"].astype(kind)
        if step["op"] == "normalize":
            rows = unit(rows, kind)
        elif step["op"] == "add":
            rows = rows + t("shift")
        elif step["op"] == "affine":
            rows = rows @ t("weight") + t("bias")
        elif step["op"] == "gelu":
            rows = (rows * normal(rows.astype("f8"))).astype(kind)
        elif step["op"] == "clustered":
            likeness = rows @ unit(tensors[f"{path}.{place}.centroids"], kind).T
            two = np.sort(likeness, 1)[:, -2:]
            if two.shape[1] == 2 and (two[:, 1] - two[:, 0] < 1e-6).any():
                raise Skipped("a row is as near to one cluster as to another")
            weight, bias = t("weight"), t("bias")
            rows = np.stack([row @ weight[of] + bias[of] for row, of in zip(rows, likeness.argmax(1))])
        else:
            rows = rows + follow(rows, step["steps"], tensors, kind, f"{path}.{place}")
    return rows


def left(path):
    """A bridge that was left: its card and how it maps rows."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    card = header.pop("__metadata__")
    read = lambda entry: np.frombuffer(data[start:][slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
    tensors, steps = {name: read(entry) for name, entry in header.items()}, json.loads(card["steps"])
    return card, lambda rows, kind: follow(rows.astype(kind), steps, tensors, kind)


# Scores.

class Relevant:
    """What is relevant to each query that asks, by grades."""

    def __init__(self, documents, lists):
        self.documents = documents
        pairs = sorted((query * documents + document, grade) for query, of in enumerate(lists) for document, grade in of.items())
        self.keys, self.grades = np.array([key for key, _ in pairs], int), np.array([grade for _, grade in pairs])
        self.totals = np.array([len(of) for of in lists])
        self.best = [sorted(of.values(), reverse=True) for of in lists]

    @functools.lru_cache(None)
    def ideal(self, k):
        return np.array([sum(grade / math.log2(place + 2) for place, grade in enumerate(of[:k])) for of in self.best])

    def of(self, found):
        """The grade of each document that was found, 0 if it is not relevant."""
        keys = np.arange(len(found.documents))[:, None] * self.documents + found.documents
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((self.keys[places] == keys) & (found.documents >= 0), self.grades[places], 0.0)


class Labels:
    """The same by labels."""

    def __init__(self, documents, queries, own):
        self.labels, self.asked = documents, queries
        self.totals = np.bincount(documents + 1)[queries + 1] - own

    def of(self, found):
        return ((self.labels[found.documents] == self.asked[:, None]) & (found.documents >= 0)).astype("f8")


def scored(metric, found, relevant, k, depth):
    """What each query scores: at least, and at most."""
    grades = relevant.of(found)
    there = grades > 0
    bounds = []
    for ranks in (found.last, found.first):
        within = there & (ranks <= k)
        if metric == "mrr":
            best = np.where(within, ranks, 2**40).min(1)
            bounds.append(np.where(best <= k, 1 / best, 0.0))
        elif metric == "ndcg":
            bounds.append(np.minimum((np.where(within, grades, 0) / np.log2(ranks + 1.0)).sum(1) / relevant.ideal(k), 1))
        elif metric == "label_map":
            ordered = np.sort(np.where(there, ranks, 2**40), 1)
            places = np.arange(1, ordered.shape[1] + 1)
            precisions = np.where(ordered <= depth, places / np.maximum(ordered, places), 0.0)
            bounds.append(precisions.sum(1) / np.minimum(relevant.totals, depth))
        else:
            bounds.append(np.minimum(within.sum(1), k) / relevant.totals)
    return np.array(bounds)


class Resampled:
    """Queries drawn anew: by the lab's seed, and otherwise."""

    def __init__(self, seed):
        self.seed = seed

    @functools.lru_cache(None)
    def times(self, count):
        drawn = Stream(self.seed).draws(count, RESAMPLES * count).reshape(RESAMPLES, count)
        theirs = np.zeros((RESAMPLES, count))
        np.add.at(theirs, (np.arange(RESAMPLES)[:, None], drawn), 1)
        return theirs, np.random.default_rng(7).multinomial(count, np.full(count, 1 / count), OTHERS).astype("f8")

    def estimate(self, over, under=None):
        """The mean of scores between two bounds, or its ratio to another: value, low and high end, each between bounds of its own; and bounds
        of both ends by other resamples."""
        over = np.broadcast_to(over, (2, np.shape(over)[-1]))
        under = np.ones(over.shape[1]) if under is None else under
        ends = []
        for times in self.times(len(under)):
            low, high, whole = np.vstack([over, under]) @ times.T
            # What cancels out is 0, whatever rounding leaves of it, and has no ratio.
            there = np.abs(whole) > CANCELLED * len(under)
            ends.append(np.sort([of[there] / whole[there] for of in (low, high)], 0))
        (low, high), others = ends
        ends = [(np.quantile(low, share), np.quantile(high, share)) for share in (0.025, 0.975)]
        bands = [(np.quantile(others[0], low), np.quantile(others[1], high)) for low, high in BANDS]
        return [tuple(np.sort(over.mean(1) / under.mean())), *ends], bands


# The report.

class Report:
    """What a report says, number by number, against what is computed."""

    def __init__(self, path, case):
        self.said, self.folder, self.case = json.loads(path.read_text("utf-8")), path.parent, case
        self.study = self.said["study"]
        self.compared, self.failed, self.left, self.lines, self.options = 0, [], collections.Counter(), [], 0
        self.k, self.seed = self.study["k"], self.study["seed"]
        self.resampled = Resampled(self.seed)
        self.off, self.open = 0.0, 0.0

    def number(self, name, said, low, high=None):
        """Holds a number against its bounds."""
        high = low if high is None else high
        self.compared += 1
        self.open = max(self.open, high - low)
        may = ROUNDING * (1 + abs(high))
        if said is None or not low - may <= said <= high + may:
            span = f"{low:.10g}" if high - low <= may else f"between {low:.10g} and {high:.10g}"
            self.failed.append(f"{name} is {said}, computed anew {span}")
        else:
            self.off = max(self.off, low - said, said - high)

    def estimate(self, name, said, over, under=None):
        ends, bands = self.resampled.estimate(over, under)
        if said is None:
            self.compared += 1
            self.failed.append(f"{name} is missing, computed anew {ends[0][0]:.10g}")
            return
        for end, (low, high) in zip(("value", "low", "high"), ends):
            self.number(f"{name} {end}", said[end], low, high)
        for end, (low, high) in zip(("low", "high"), bands):
            if said[end] is not None and not low - ROUNDING <= said[end] <= high + ROUNDING:
                self.failed.append(f"{name} {end} is {said[end]}, by other resamples between {low:.10g} and {high:.10g}")

    def same(self, name, said, expected):
        self.compared += 1
        if said != expected:
            self.failed.append(f"{name}: {said}, and not {expected}")

    def none(self, name, said):
        self.compared += 1
        if said is not None:
            self.failed.append(f"{name} is {said}, and should not exist")

    @contextlib.contextmanager
    def line(self, name):
        """A line on the numbers that are compared meanwhile."""
        self.off, self.open, compared, failed = 0.0, 0.0, self.compared, len(self.failed)
        yield
        if self.compared > compared:
            self.lines.append((name, self.compared - compared, len(self.failed) - failed, self.off, self.open))

    def skip(self, what, why):
        self.left[f"{what}: {why}"] += 1

    def run(self):
        if self.said["schema"] != "upgrade-lab.decide/1" or self.study["examination"]["similarity"] != "cosine":
            raise SystemExit("the report is of another version or compares rows otherwise than by the cosine")
        self.set_up()
        for row in self.study["rows"]:
            with self.line(row["name"]):
                try:
                    self.option(row)
                    self.options += 1
                except Skipped as why:
                    self.skip(row["name"], why)
                    self.differences(row)
        for what in (self.order, self.changed, self.needed, self.mixed, self.thresholds, self.pairs):
            with self.line(what.__doc__.rstrip(".")):
                what()
        self.skip("study", "the doctor's findings, multiplications and prices")

    def set_up(self):
        """Who asks and what is fitted on."""
        case, study, count = self.case, self.study, len(self.case.names["documents"])
        self.known = case.relevant is not None or case.labels is not None
        if case.own:
            order = Stream(self.seed, 1).shuffled(range(count))
            can = case.may_ask()
            self.asked = np.sort([row for row in order[count // 2:] if can[row]][:ASKING]).astype(int)
            free = order[:count // 2]
            on = len(self.asked)
        else:
            self.asked, answers = np.flatnonzero(case.judged()), np.zeros(count, bool)
            if case.relevant is not None:
                answers[[row for of in case.relevant for row in of]] = True
            elif case.labels is not None:
                answers = np.isin(case.labels["documents"], case.labels["queries"][self.asked]) & (case.labels["documents"] >= 0)
            free = np.flatnonzero(~answers)
            free = free if len(free) >= PAIRS_LEAST or len(free) == count else np.arange(count)
            free = Stream(self.seed, 1).shuffled(free.tolist())
        self.fit_rows = free[:study["fitted_on"]]
        if not case.own:
            fitted, on = set(self.fit_rows), len(self.asked)
            if case.relevant is not None:
                on -= sum(not fitted.isdisjoint(case.relevant[place]) for place in self.asked)
            elif case.labels is not None:
                labels = case.labels["documents"][self.fit_rows]
                on -= np.isin(case.labels["queries"][self.asked], labels[labels >= 0]).sum()
        queries = 0 if case.own else len(case.names["queries"])
        if (study["documents"], study["queries"]) != (count, queries):
            raise SystemExit(f"the report is of {study['documents']} documents and {study['queries']} queries, not of {count} and {queries}")
        for name, value in (("fitted_on", len(self.fit_rows)), ("judged", len(self.asked) if self.known else 0), ("judged_on", on)):
            self.number(f"study: {name}", study[name], value)
        kind = "documents" if case.own else "queries"
        self.documents = {model: case.rows[model]["documents"] for model in case.rows}
        self.queries = {model: case.rows[model][kind][self.asked] for model in case.rows}
        self.units = {model: unit(rows) for model, rows in self.queries.items()}
        self.rows = {model: unit(rows) for model, rows in self.documents.items()}
        self.indices = {model: Index(rows) for model, rows in self.rows.items()}
        # Of as many documents both are in one order of ties.
        self.own = self.indices["old"].place[self.asked] if case.own else None
        self.all = count - case.own
        self.depth, self.deepest = (min(most, self.all) for most in (max(DEPTH, self.k), max(DEPTH, self.k, *CANDIDATES)))
        self.deep = search(self.indices["old"], self.units["old"], self.deepest, None, self.own)
        self.full = search(self.indices["new"], self.units["new"], self.depth, None, self.own)
        if case.labels is not None:
            self.relevant = Labels(case.labels["documents"], case.labels[kind][self.asked], case.own)
            metrics, self.deciding = ["label_map"], "label_map"
        elif case.relevant is not None:
            self.relevant = Relevant(count, [case.relevant[place] for place in self.asked])
            metrics, self.deciding = ["recall", "mrr", "ndcg"], "mrr"
        else:
            self.relevant, metrics, self.deciding = None, [], "overlap_new"
        self.by = dict.fromkeys(metrics, self.relevant)
        for metric, found in (("overlap_new", self.full), ("overlap_old", self.deep)):
            self.by[metric] = Relevant(count, [dict.fromkeys(of.tolist(), 1.0) for of in found.first_documents(self.k)])
        self.stay_scores, self.full_scores = ({metric: self.scores(metric, [found])[0] for metric in self.by}
                                              for found in (self.deep, self.full))
        self.right = self.answers([self.deep])[0]
        kinds = [{"kind": kind} for kind in ("stay", "centred", "swap", "reindex")]
        kinds += [{"kind": "bridge", "family": family, "direction": direction} for family in FAMILIES for direction in DIRECTIONS]
        kinds += [{"kind": "slerp", "weight_percent": weight} for weight in (25, 50, 75)]
        kinds += [{"kind": "cascade", "first": first, "candidates": candidates} for first in ("old_query", "mapped_query", "mapped_gallery")
                  for candidates in CANDIDATES if candidates <= count]
        written = lambda choices: sorted(json.dumps(choice, sort_keys=True) for choice in choices)
        self.same("options", written(row["choice"] for row in study["rows"]), written(kinds))
        self.same("deciding", study["deciding"], self.deciding)

    def scores(self, metric, ways):
        """Bounds of every query's score, whichever way it was found."""
        bounds = [scored(metric, found, self.by[metric], self.k, self.depth) for found in ways]
        return np.array([np.min([low for low, _ in bounds], 0), np.max([high for _, high in bounds], 0)])

    def answers(self, ways):
        """Of every query, whether its answer is surely right, and whether it may be."""
        sure, may = np.full(len(self.asked), self.known), np.zeros(len(self.asked), bool)
        if not self.known:
            return sure, may
        for found in ways:
            there = self.relevant.of(found) > 0
            if isinstance(self.relevant, Labels):
                sure &= (there | (found.first > 1)).all(1)
                may |= (there & (found.first == 1)).any(1)
            else:
                sure &= (there & (found.last <= self.k)).any(1)
                may |= (there & (found.first <= self.k)).any(1)
        return sure, may

    @functools.lru_cache(None)
    def pairs_of(self, direction, count, kind):
        x, y = ("new", "old") if direction == "queries" else ("old", "new")
        return Pairs(self.documents[x], self.documents[y], self.fit_rows[:count], kind)

    @functools.lru_cache(None)
    def maps(self, family, direction, count=None):
        """How rows are mapped in 64 and in 32 bits, for each choice that may have been made."""
        if family not in CLOSED:
            first = next(row for row in self.study["rows"] if row["choice"].get("direction") == direction and row["scores"])
            path = self.folder / "bridge" / direction / "bridge.safetensors"
            if count is not None or first["choice"]["family"] != family or not path.exists():
                raise Skipped("it has no closed form")
            card, mapped = left(path)
            if (card["family"], card["direction"]) != (family, direction):
                raise Skipped(f"{path} is another bridge")
            return [mapped]
        count = len(self.fit_rows) if count is None else count
        exact, rough = (self.pairs_of(direction, count, kind) for kind in ("f8", "f4"))
        choices = exact.chosen(family)[1]
        if len(choices) > MOST:
            raise Skipped(f"{len(choices)} choices serve held-out pairs equally but for rounding")

        def mapped(choice):
            both = {"f8": exact.fit(family, choice), "f4": rough.fit(family, choice)}

            def mapped(rows, kind):
                weight, bias = both[kind]
                return unit(rows, kind) @ weight.astype(kind) + bias.astype(kind)
            return mapped
        if family == "procrustes" and orthogonal_procrustes:
            turn, _ = orthogonal_procrustes(*exact.centred) if exact.dims[0] == exact.dims[1] else (None, 0)
            if turn is not None and all(axes is None for axes in exact.bases) and np.abs(turn - exact.fit(family, False)[0]).max() > 1e-5:
                self.failed.append(f"SciPy turns {direction} otherwise")
        return [mapped(choice) for choice in choices]

    def compared_rows(self, direction, mapped, kind, blend=None):
        """Queries and documents as they are compared across a bridge; `blend`: how far queries are on the way from the old one."""
        if direction == "gallery":
            return self.units["new"], unit(mapped(self.documents["old"], kind), kind)
        queries = unit(mapped(self.queries["new"], kind), kind)
        return queries if blend is None else unit(slerp(self.units["old"].astype(kind), queries, blend), kind), self.rows["old"]

    def across(self, direction, mapped, blend=None):
        """An index, queries that search it across a bridge, and how far scores may be away in 32 bits, by what they are here of some."""
        both, scores = [self.compared_rows(direction, mapped, kind, blend) for kind in ("f8", "f4")], []
        for (queries, rows), kind in zip(both, ("f8", "f4")):
            scores.append(queries[::-(-len(queries) // 256)].astype(kind) @ rows.astype(kind).T)
        slack = TIMES * np.abs(scores[0] - scores[1]).max() + 2.0**-23
        if slack > OPEN:
            raise Skipped(f"32 bits leave its scores open by {slack:.0e}")
        queries, rows = both[0]
        return self.indices["old"] if direction == "queries" else Index(rows, self.documents["old"]), queries, slack

    def searched(self, direction, mapped, need, blend=None):
        index, queries, slack = self.across(direction, mapped, blend)
        return search(index, queries, need, slack, self.own)

    def best(self, direction):
        """The bridge that all options of a direction go by: the first that was fitted."""
        for row in self.study["rows"]:
            if row["choice"]["kind"] == "bridge" and row["choice"]["direction"] == direction and row["scores"]:
                return row["choice"]["family"]
        return None

    @functools.lru_cache(None)
    def bridged(self, direction, family, need):
        return [self.searched(direction, mapped, need) for mapped in self.maps(family, direction)]

    @functools.lru_cache(None)
    def stage(self, first):
        """What the first stage of a cascade found, and the order in which the new model has that."""
        direction, index = {"mapped_query": "queries", "mapped_gallery": "gallery"}.get(first), self.indices["new"]
        ways = self.bridged(direction, self.best(direction), self.deepest) if direction else [self.deep]
        places = [index.place[found.documents] for found in ways]
        return [(found, np.lexsort((of, -scores_of(self.units["new"], index.rows, of)), 1)) for found, of in zip(ways, places)]

    def found(self, choice):
        """What an option finds: one ranking, or more where rounding chooses its map."""
        kind = choice["kind"]
        if kind == "stay":
            return [self.deep]
        if kind == "reindex":
            return [self.full]
        if kind == "swap":
            return [search(self.indices["old"], self.units["new"], self.depth, None, self.own)]
        if kind == "centred":
            # Of rows that are not rounded yet, added up one after the other.
            means = -np.add.reduce(unit(self.documents["old"], "f8"), 0) / len(self.documents["old"])
            index, queries = (unit(of + means.astype("f4")) for of in (self.rows["old"], self.units["old"]))
            return [search(Index(index), queries, self.depth, None, self.own)]
        if kind == "bridge":
            best = choice["family"] == self.best(choice["direction"])
            return self.bridged(choice["direction"], choice["family"], self.deepest if best else self.depth)
        if kind == "slerp":
            blend = choice["weight_percent"] / 100
            return [self.searched("queries", mapped, self.depth, blend) for mapped in self.maps(self.best("queries"), "queries")]
        if kind == "cascade":
            return [rescored(found, order, choice["candidates"]) for found, order in self.stage(choice["first"])]
        raise Skipped(f"there is no option {kind}")

    def option(self, row):
        """All numbers of an option."""
        name, choice = row["name"], row["choice"]
        if row["note"]:
            if choice["kind"] == "swap" and self.documents["old"].shape[1] == self.queries["new"].shape[1]:
                self.failed.append(f"{name} is not offered, though dims are equal")
            raise Skipped(row["note"])
        ways = self.found(choice)
        self.same(f"{name}: metrics", [score["metric"] for score in row["scores"]], list(self.by))
        for said in row["scores"]:
            metric = said["metric"]
            stay, full = self.stay_scores[metric], self.full_scores[metric]
            scores = self.scores(metric, ways)
            of = f"{name}: {metric}"
            self.estimate(f"{of} mean", said["mean"], scores)
            self.estimate(f"{of} gain", said["gain"], scores - stay)
            self.estimate(f"{of} behind", said["behind"], scores - full)
            sought = metric != "overlap_old"
            if sought and full.mean() > 0:
                self.estimate(f"{of} retention", said["retention"], scores, full)
            else:
                self.none(f"{of} retention", said["retention"])
            if sought and self.resampled.estimate(full - stay)[0][1][0] > CANCELLED:
                self.estimate(f"{of} share_of_gain", said["share_of_gain"], scores - stay, full - stay)
            else:
                self.none(f"{of} share_of_gain", said["share_of_gain"])
        sure, may = self.answers(ways)
        for what, surely, maybe in (("newly_broken", self.right & ~may, self.right & ~sure),
                                    ("newly_fixed", ~self.right & sure, ~self.right & may)):
            surely, maybe = (set(self.asked[of].tolist()) for of in (surely, maybe))
            self.number(f"{name}: {what}", len(row[what]), len(surely), len(maybe))
            if not surely <= set(row[what]) <= maybe or row[what] != sorted(set(row[what])):
                wrong = sorted(surely - set(row[what])) + sorted(set(row[what]) - maybe)
                self.failed.append(f"{name}: {what} are not those computed anew, which differ by {wrong}")
        self.costs(name, choice, row["cost"])

    def differences(self, row):
        """What follows from the mean that an option is said to have."""
        for said in row["scores"]:
            stay, full = (of[said["metric"]].mean() for of in (self.stay_scores, self.full_scores))
            mean, of = said["mean"]["value"], f"{row['name']}: {said['metric']}"
            values = {"gain": mean - stay, "behind": mean - full, "retention": mean / full if full else None,
                      "share_of_gain": (mean - stay) / (full - stay) if full > stay else None}
            for what, value in values.items():
                if said[what]:
                    self.number(f"{of} {what} value", said[what]["value"], value)

    def costs(self, name, choice, cost):
        """What is embedded, and bytes."""
        kind, count = choice["kind"], len(self.documents["old"])
        candidates = min(choice.get("candidates", 0), count)
        both = kind == "slerp" or choice.get("first") == "old_query"
        new_index = kind == "reindex" or choice.get("direction") == "gallery" or choice.get("first") == "mapped_gallery"
        self.number(f"{name}: embed_now", cost["embed_now"], count if kind == "reindex" else 0)
        self.number(f"{name}: embed_per_query", cost["embed_per_query"], 1 + both + candidates)
        self.number(f"{name}: bytes", cost["bytes"], 4 * count * self.documents["new" if new_index else "old"].shape[1])
        touched = [0]
        if kind == "cascade":
            ways = [(found, ranks) for found, _ in self.stage(choice["first"]) for ranks in (found.last, found.first)]
            touched = [len(np.unique(found.documents[ranks <= choice["candidates"]])) for found, ranks in ways]
        self.number(f"{name}: embed_on_the_way", cost["embed_on_the_way"], min(touched), max(touched))

    def order(self):
        """Order of the bridges by held-out pairs."""
        for direction in DIRECTIONS:
            rows = [row for row in self.study["rows"] if row["choice"].get("direction") == direction]
            families = [row["choice"]["family"] for row in rows if row["choice"]["family"] in CLOSED and not row["note"]]
            if not families:
                continue
            try:
                pairs = self.pairs_of(direction, len(self.fit_rows), "f8")
                cosines = [pairs.chosen(family)[0] for family in families]
            except Skipped as why:
                self.skip(f"order of bridges of {direction}", why)
                continue
            worse = [family for family, a, b in zip(families, cosines, cosines[1:]) if b > a + NEAR]
            self.same(f"order of bridges of {direction}: those that fit less well than the next", worse, [])

    def changed(self):
        """Ids of queries newly broken or fixed."""
        names = self.case.names["documents" if self.case.own else "queries"]
        expected = [row for row in self.study["rows"] if row["newly_broken"] or row["newly_fixed"]]
        self.number("changed: options", len(self.said["changed"]), len(expected))
        for said, row in zip(self.said["changed"], expected):
            for what in ("newly_broken", "newly_fixed"):
                ids = [names[place] for place in row[what]]
                self.same(f"changed: {row['name']}: {what}", (said["choice"], said[what]), (row["choice"], ids))

    def needed(self):
        """Judged queries that it would take."""
        said = self.study["needed"]
        if not self.known:
            return self.none("needed", said)
        metric, name = self.deciding, "re-index and the old system"
        full, base = self.full_scores[metric], self.stay_scores[metric]
        low, high = (end[0] for end in self.resampled.estimate(full - base)[0][1:])
        if low > CANCELLED or high < -CANCELLED:
            firsts = [(direction, self.best(direction)) for direction in DIRECTIONS]
            those = lambda of: of["kind"] in ("stay", "centred", "swap", "slerp") or (of.get("direction"), of.get("family")) in firsts
            rows = [row for row in self.study["rows"] if row["scores"] and those(row["choice"])]
            # Bridges come last where means are equal.
            rows.sort(key=lambda row: "family" in row["choice"])
            best = max(rows, key=lambda row: next(score["mean"]["value"] for score in row["scores"] if score["metric"] == metric))
            name = best["name"]
            try:
                bounds = self.scores(metric, self.found(best["choice"]))
            except Skipped as why:
                return self.skip(f"needed, by {name}", why)
            if (bounds[0] != bounds[1]).any():
                return self.skip(f"needed, by {name}", "scores hang on rounding")
            base = bounds[0]
        difference = full - base
        if len(full) < 2 or abs(difference.mean()) <= CANCELLED * max(full.max(), base.max()):
            return self.none("needed", said)
        queries = ((1.96 + 0.8416) / difference.mean())**2 * difference.var(ddof=1)
        self.number(f"needed, by {name}", said, max(math.ceil(queries * (1 - 1e-9)), 2), max(math.ceil(queries * (1 + 1e-9)), 2))

    def mixed(self):
        """Half-migrated indexes."""
        count = len(self.documents["old"])
        order = np.array(Stream(self.seed, 51).shuffled(range(count)))
        turn = np.argsort(order)[ties(count)]
        sources = {"old": (self.indices["old"], *self.matrix(self.indices["old"], self.units["old"])),
                   "new": (self.indices["new"], *self.matrix(self.indices["new"], self.units["new"]))}
        family = self.best("queries")
        try:
            maps = self.maps(family, "queries") if family else []
            if len(maps) > 1:
                raise Skipped("rounding chooses the map")
            for index, queries, slack in [self.across("queries", mapped) for mapped in maps]:
                sources["bridged"] = index, index.scores(queries), slack
        except Skipped as why:
            self.skip("half-migrated: bridged", why)
        self.same("half-migrated: shares", [point["percent"] for point in self.study["mixed"]], list(PERCENTS))
        for point in self.study["mixed"]:
            done = (count * point["percent"] + 50) // 100
            fresh = turn < done
            drawn = {True: order[:DRAWN][:done], False: order[::-1][:DRAWN][:count - done]}

            def placed(source, calibrated):
                index, scores, slack = sources[source]
                slack = np.full(scores.shape, slack)
                if not calibrated:
                    return scores, slack
                sample = index.place[drawn[source == "new"]]
                those = scores[:, sample]
                there = np.ones(those.shape, bool) if self.own is None else sample != self.own[:, None]
                counts = np.maximum(there.sum(1), 1)
                means = np.where(there, those, 0).sum(1) / counts
                deviations = np.sqrt(np.where(there, (those - means[:, None])**2, 0).sum(1) / counts)
                largest = np.where(there, np.abs(those), 0).max(1, initial=0)
                deviations = np.where(deviations > 2.0**-23 * largest, deviations, 1)[:, None]
                z = (scores - means[:, None]) / deviations
                return z, slack * (2 + np.abs(z)) / deviations
            for what, old, calibrated in (("raw", "old", False), ("calibrated", "old", True), ("bridged", "bridged", True)):
                name = f"half-migrated, {point['percent']} %: {what}"
                if what == "bridged" and not family:
                    self.none(name, point[what])
                    continue
                if done == count or what != "bridged" and done == 0:
                    self.estimate(name, point[what], (self.full_scores if done == count else self.stay_scores)[self.deciding])
                    continue
                if old not in sources:
                    continue
                (a, slack_a), (b, slack_b) = placed(old, calibrated), placed("new", calibrated)
                copy = np.unique(np.where(fresh, self.indices["new"].copy + count, self.indices["old"].copy), return_inverse=True)[1]
                need = self.depth if self.deciding == "label_map" else min(self.k, self.all)
                found = Found.near(np.where(fresh, b, a), need, np.where(fresh, slack_b, slack_a), copy, ties(count), self.own)
                self.estimate(name, point[what], self.scores(self.deciding, [found]))

    @staticmethod
    def matrix(index, queries):
        """All scores: in 32 bits where that does not take long, else in 64 with how far those of 32 may be away."""
        if len(queries) * index.rows.size <= 4e8:
            return np.concatenate([dot(query[None, None], index.rows[None]) for query in queries]).astype("f8"), 0.0
        return index.scores(queries), bound(index.rows.shape[1])

    def thresholds(self):
        """Cut-offs."""
        said = self.study["thresholds"]
        if not self.known:
            return self.none("thresholds", said)
        judged = len(self.asked)
        order = np.array(Stream(self.seed, 52).shuffled(range(judged)))
        halves = order[:judged // 2], order[judged // 2:]
        choices = [{"kind": "stay"}, {"kind": "swap"}]
        choices += [{"kind": "bridge", "family": self.best(direction), "direction": direction} for direction in DIRECTIONS]
        rows = {row["name"]: row for row in self.study["rows"] if row["scores"] and row["choice"] in [*choices, {"kind": "reindex"}]}
        rows = sorted(rows.values(), key=lambda row: (row["choice"] == {"kind": "reindex"}))
        expected, old_cut = [], None
        for at, row in enumerate(rows):
            try:
                tops = self.tops(self.found(row["choice"]))
                cut = self.cut(tops, halves[0])
            except Skipped as why:
                tops = cut = why
            if at == 0:
                old_cut = cut
            elif old_cut is not None:
                expected.append((row["name"], True, old_cut, tops))
            expected.append((row["name"], False, cut, tops))
        if judged < 2 * LEAST:
            expected = []
        self.number("cut-offs: rows", len(said["rows"]), len(expected))
        self.number("cut-offs: target", said["target"], TARGET)
        for row, (name, carried, cut, tops) in zip(said["rows"], expected):
            of = f"cut-off of {name}{', carried' if carried else ''}"
            if (row["system"], row["carried"]) != (name, carried):
                self.failed.append(f"{of} is that of {row['system']}")
            elif isinstance(tops, Skipped):
                self.skip(of, tops)
            elif cut is None:
                for what in ("cut", "precision", "recall", "answered"):
                    self.none(f"{of}: {what}", row[what])
            else:
                self.answered(of, row, carried, cut, tops, halves[1])
        self.faces(said["faces"])

    def tops(self, ways):
        """Of every query, the score of its best document, whether it is right, and how far the score may be away."""
        (found,) = ways if len(ways) == 1 else (None,)
        if found is None:
            raise Skipped("rounding chooses the map")
        right, top = self.relevant.of(found) > 0, found.first == 1
        if ((right & top).any(1) & (~right & top).any(1)).any():
            raise Skipped("rounding chooses the best document")
        return np.where(top, found.scores, -np.inf).max(1), (right & top).any(1), found.slack

    @staticmethod
    def cut(tops, queries):
        """The lowest score from which on the target is reached."""
        scores, right, slack = (of[queries] if np.ndim(of) else of for of in tops)
        order = np.argsort(-scores, kind="stable")
        scores, right = scores[order], right[order]
        if slack and (np.diff(-scores) <= 2 * slack).any() and any(
                right[a] != right[b] for a, b in zip(range(len(right)), range(1, len(right))) if scores[a] - scores[b] <= 2 * slack):
            raise Skipped("rounding puts right before wrong answers")
        counts = np.arange(1, len(scores) + 1)
        ends = np.append(scores[1:] < scores[:-1], True) & (counts >= LEAST) & (right.cumsum() / counts >= TARGET)
        return scores[ends][-1] if ends.any() else None

    def answered(self, of, row, carried, cut, tops, queries):
        scores, right, slack = (of[queries] if np.ndim(of) else of for of in tops)
        own = 0.0 if carried else slack
        self.number(f"{of}: cut", row["cut"], cut - own, cut + own)
        if slack and (np.abs(scores - cut) <= slack + own).any():
            return self.skip(of, "rounding decides what is answered")
        answered = scores >= cut
        if answered.any():
            self.estimate(f"{of}: precision", row["precision"], right[answered].astype("f8"))
        else:
            self.none(f"{of}: precision", row["precision"])
        self.estimate(f"{of}: recall", row["recall"], (right & answered).astype("f8"))
        self.estimate(f"{of}: answered", row["answered"], answered.astype("f8"))

    def faces(self, said):
        """Pairs of one label against pairs of two."""
        groups = collections.defaultdict(list)
        if isinstance(self.relevant, Labels):
            for row, label in enumerate(self.case.labels["documents"].tolist()):
                if label >= 0:
                    groups[label].append(row)
        groups = [groups[label] for label in sorted(groups)]
        few = sum(len(rows) <= 8 for rows in groups)
        same = [pair for rows in groups for pair in itertools.combinations(rows, 2)]
        if len(groups) < 50 or 2 * few < len(groups) or not same:
            return self.none("faces", said)
        if len(same) > 2_000_000:
            return self.skip("faces", "only some of the pairs of one label are taken")
        labelled = np.array([row for rows in groups for row in rows])
        of = np.repeat(np.arange(len(groups)), [len(rows) for rows in groups])
        if (len(of)**2 - sum(len(rows)**2 for rows in groups)) // 2 <= 200_000:
            a, b = np.triu_indices(len(of), 1)
            kept = of[a] != of[b]
        else:
            a, b = Stream(self.seed, 53).draws(len(of), 20 * 200_000).reshape(-1, 2).T
            kept = of[a] != of[b]
        different = np.stack([labelled[a[kept]], labelled[b[kept]]], 1)[:200_000 if len(a) == 2_000_000 else None]
        expected = []
        for model, name in (("old", self.study["old"]), ("new", self.study["new"])):
            rows = unit(self.documents[model])
            one, two = (np.concatenate([dot(rows[part[:, 0]], rows[part[:, 1]]) for part in np.array_split(pairs, len(pairs) // 20000 + 1)])
                        for pairs in (np.array(same), different))
            two = -np.sort(-two)
            for far in (1e-2, 1e-3):
                allowed = int(far * len(two))
                if not 0 < allowed < len(two):
                    expected.append((name, far, None, None))
                    continue
                above = np.concatenate([one, two])
                above = above[above > two[allowed]]
                expected.append((name, far, (one > two[allowed]).mean(), float(above.min()) if len(above) else None))
        self.number("faces: rows", len(said or []), len(expected))
        for row, (name, far, tar, cut) in zip(said or [], expected):
            for what, value in (("tar", tar), ("cut", cut)):
                of = f"faces, {name} at {far}: {what}"
                if value is None:
                    self.none(of, row[what])
                else:
                    self.number(of, row[what], value)

    def pairs(self):
        """Bridges of fewer pairs."""
        points, domain = self.study["pairs"], 0
        if points and points[-1]["domain"]:
            # The last two are of clusters.
            domain = 2
            self.skip("pairs of another domain", "clusters are found by steps")
        need = self.depth if self.deciding == "label_map" else min(self.k, self.all)
        for point in points[:len(points) - domain]:
            name = f"{point['pairs']} pairs"
            try:
                family, direction = point["family"], point["direction"]
                ways = [self.searched(direction, mapped, need) for mapped in self.maps(family, direction, point["pairs"])]
            except Skipped as why:
                self.skip(name, why)
                continue
            scores, full = self.scores(self.deciding, ways), self.full_scores[self.deciding]
            self.estimate(f"{name}: mean", point["mean"], scores)
            if full.mean() > 0:
                self.estimate(f"{name}: retention", point["retention"], scores, full)
            else:
                self.none(f"{name}: retention", point["retention"])

    def second_opinion(self):
        """The largest difference from pytrec_eval's scores of the full re-index."""
        queries = {str(query): {str(document): int(grade) for document, grade in self.case.relevant[place].items()}
                   for query, place in enumerate(self.asked)}
        run = {str(query): {str(document): float(-rank) for rank, document in enumerate(of.tolist())}
               for query, of in enumerate(self.full.first_documents(self.k))}
        measures = {"recall": f"recall_{self.k}", "ndcg": f"ndcg_cut_{self.k}", "mrr": "recip_rank"}
        found = pytrec_eval.RelevanceEvaluator(queries, {f"recall.{self.k}", f"ndcg_cut.{self.k}", "recip_rank"}).evaluate(run)
        return max(abs(found[str(query)][name] - score) for metric, name in measures.items()
                   for query, score in enumerate(self.full_scores[metric]))


def slerp(one, other, share):
    """A share of the way on the great circle between rows of length 1; along a line where there is none."""
    cosines = np.clip((one.astype("f8") * other).sum(1, keepdims=True), -1, 1)
    angles = np.arccos(cosines)
    sines = np.sin(angles)
    straight = sines <= 1e-7
    sines = np.where(straight, 1, sines)
    near, far = (np.where(straight, part, np.sin(part * angles) / sines) for part in (1 - share, share))
    return (near * one + far * other).astype(one.dtype)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--old", type=pathlib.Path, required=True, help="file or folder of the old model, as `decide` was given it")
    parser.add_argument("--new", type=pathlib.Path, required=True, help="the same of the new model")
    parser.add_argument("--qrels", type=pathlib.Path, help="judgements of relevance")
    parser.add_argument("--labels", type=pathlib.Path, help="labels of documents")
    parser.add_argument("report", type=pathlib.Path, help="report.json that `decide --out` wrote")
    arguments = parser.parse_args()
    beside = [(f"labels/{name}", content) for name, content in contents(arguments.labels)] if arguments.labels else []
    old, new = (Given(path, beside) for path in (arguments.old, arguments.new))
    qrels = [arguments.qrels] if arguments.qrels else []
    report = Report(arguments.report, Case(old, new, qrels + [path for path in old.judgements + new.judgements if path not in qrels]))
    report.run()
    width = max(len(name) for name, *_ in report.lines)
    print(f"{'option':{width}}  numbers  differ  largest difference  open by rounding")
    for name, compared, failed, off, open_ in report.lines:
        print(f"{name:{width}}  {compared:7}  {failed:6}  {off:18.1e}  {open_:16.1e}")
    if pytrec_eval and report.case.relevant is not None and all(grade.is_integer() for of in report.case.relevant for grade in of.values()):
        apart = report.second_opinion()
        print(f"pytrec_eval's scores of the full re-index are {apart:.1e} away.")
        if apart > 1e-6:
            report.failed.append(f"pytrec_eval's scores of the full re-index are {apart:.1e} away")
    left = [what if times == 1 else f"{what} ({times} times)" for what, times in report.left.items()]
    for title, entries in (("Not computed anew", left), ("Beyond rounding", report.failed)):
        if entries:
            print(f"{title}:", *entries, sep="\n  ")
    print(f"{report.compared} numbers of {report.options} options computed anew, {len(report.failed)} differ")
    sys.exit(bool(report.failed) or not report.options)


if __name__ == "__main__":
    main()
