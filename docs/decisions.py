"""Decides about real models with `upgrade-lab decide` and works out what the retention of adapters depends on. Needs Python 3.11, NumPy, npm.

    cargo build --release -p cli
    python3 docs/decisions.py --lab target/release/upgrade-lab
    python3 docs/decisions.py --check

It makes text vectors with text_models.py and trains a few Fashion-MNIST models with `upgrade-lab run`, none of which was made to be compatible
with another, embeds pictures with the code of loader.py, and hands every pair to `upgrade-lab decide`. What is not in the reports (maps without
centring, of nouns alone, judged by what they were fitted on; fewer judged queries) is computed here with NumPy. All numbers go to
decisions.json, and decisions.md is made from that file alone. `--check` makes decisions.md anew from decisions.json and fails if it differs.

Vectors, models and reports are kept in the folder of `--cache`. Reports are made anew unless `--keep` is given.
"""
import argparse
import collections
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

sys.dont_write_bytecode = True
import loader
from recompute import idx
from recompute_decision import Pairs, Resampled, unit

HERE = pathlib.Path(__file__).resolve().parent
JSON, PAGE = HERE / "decisions.json", HERE / "decisions.md"
DATA = HERE.parent / "public" / "data"
# What is drawn follows from it.
SEED = 1
# Ranks that count, as `decide` has it.
DEPTH = 10
# Gallery pictures of a class, and pictures embedded at a time. All test pictures are queries.
GALLERY, BATCH = 200, 250
# Numbers of pairs that are shown, of judged queries that are tried, and samples of these.
SHOWN, TRIED, SAMPLES = (128, 512, 2048), (25, 50, 100, 200, 400, 800), 1000
# What published claims say that adapters retain, at least.
CLAIMED = 0.95
# Leading dims of MiniLM that stand for shorter vectors, where it is counted how many judged queries show a gain.
CUT = 64, 128
SHORT = f"minilm-{CUT[1]}"
# Judged queries where only few are.
FEWER = 100, 50

GLOVE, MINILM, ROUNDED = "glove-50", "minilm-384", "minilm-4bit"
PAIRS_OF_TEXT = (GLOVE, MINILM), (ROUNDED, MINILM), (MINILM, GLOVE), (MINILM, ROUNDED)
TASKS = "examples", "words"
# What a decision must be able to say: name, whether a report says it, and words by which the unit tests are searched for it.
SENTENCES = (
    ("do not upgrade", lambda said: said["headline"].startswith("Do not upgrade"), "Do not upgrade"),
    ("nothing changed", lambda said: said["decision"] == "nothing_changed", "NothingChanged"),
    ("works as it is", lambda said: said["decision"] == "works_as_it_is", "WorksAsItIs"),
    ("depends on which of your tasks", lambda said: said["decision"] == "depends_on_task", "DependsOnTask"),
    ("keep the old encoder and re-score", lambda said: "keep the old encoder" in said["headline"], "keep the old encoder"),
    ("re-index", lambda said: said["decision"] == "reindex", "Reindex"),
    ("a bridge, for these queries, at this price", lambda said: said["decision"] == "bridge", "Bridge"),
    ("cannot tell yet, N more judged queries",
     lambda said: said["decision"] == "cannot_tell" and "more judged queries" in said["headline"], "more judged queries"),
    ("no such threshold exists", lambda said: any("no such threshold exists" in reason for reason in said["because"]),
     "no such threshold exists"),
    ("equal", lambda said: "are equal by" in said["headline"], "are equal by"))


# What is decided about.

class Case:
    """A call of `upgrade-lab decide`: models, what stands beside them, and what it is about."""

    def __init__(self, name, old, new, beside, about):
        self.name, self.old, self.new, self.beside, self.about = name, old, new, beside, about

    def report(self, lab, cache, keep):
        """What `decide` reports."""
        out = cache / "reports" / self.name
        if not (keep and (out / "report.json").exists()):
            print(f"deciding: {self.name}", file=sys.stderr)
            run([lab, "decide", "--old", self.old, "--new", self.new, *self.beside, "--seed", SEED, "--out", out], cwd=cache)
        return json.loads((out / "report.json").read_text("utf-8"))

    def command(self):
        return " ".join(["upgrade-lab decide", "--old", self.old, "--new", self.new, *self.beside])


def run(command, cwd):
    ended = subprocess.run([str(word) for word in command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ended.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{ended.stderr[-2000:]}")


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def written(path, entries):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")


def saved(path, **rows):
    path.mkdir(parents=True, exist_ok=True)
    for name, array in rows.items():
        np.save(path / f"{name}.npy", array)


def text_cases(cache):
    """Text models, with the files that they are judged by."""
    text = cache / "text"
    if not (text / "corpus.jsonl").exists():
        run([sys.executable, HERE / "text_models.py", "--out", text, "--cache", cache / "text-packages", "--seed", SEED], cwd=cache)
    header, *judged = (text / "qrels.tsv").read_text("utf-8").splitlines()
    queries = lines(text / "queries.jsonl")
    subsets = {task: [query["id"] for query in queries if query["task"] == task] for task in TASKS}
    subsets |= {f"{count}-{task}": subsets[task][:count] for count in FEWER for task in TASKS}
    for name, chosen in subsets.items():
        chosen, folder = set(chosen), cache / "parts" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "qrels.tsv").write_text("\n".join([header, *(line for line in judged if line.split("\t")[0] in chosen)]) + "\n")
    saved(cache / "shorter" / SHORT, **{kind: np.load(text / MINILM / f"{kind}.npy")[:, :CUT[1]] for kind in ("documents", "queries")})
    shutil.copytree(text / MINILM, cache / "again" / f"{MINILM}-again", dirs_exist_ok=True)
    beside = ["text/corpus.jsonl", "text/queries.jsonl", "text/qrels.tsv"]

    def part(name, old, new, about, folder="text"):
        return Case(f"{old}-to-{new}-{name}", f"{folder}/{old}", f"text/{new}", [*beside[:2], f"parts/{name}/qrels.tsv"], about)
    for old, new in PAIRS_OF_TEXT:
        yield Case(f"{old}-to-{new}", f"text/{old}", f"text/{new}", beside, "examples and words")
        for task in TASKS:
            yield part(task, old, new, f"{task} alone")
    old, new = f"text/{GLOVE}", f"text/{MINILM}"
    for count in FEWER:
        yield part(f"{count}-examples", GLOVE, MINILM, f"the first {count} examples alone")
    for task in TASKS:
        yield part(f"{FEWER[0]}-{task}", SHORT, MINILM, f"the first {FEWER[0]} {task} alone", "shorter")
    yield Case(f"{GLOVE}-to-{MINILM}-labels", old, new, beside[:2], "labels instead of judgements")
    yield Case(f"{GLOVE}-to-{MINILM}-unknown", old, new, [], "vectors alone")
    yield Case(f"{MINILM}-to-itself", f"text/{MINILM}", f"again/{MINILM}-again", beside, "the same vectors twice")


class Pictures:
    """Fashion-MNIST: gallery pictures from its training part and all test pictures as queries, in an order of their own."""

    def __init__(self):
        described = json.loads((DATA / "manifest.json").read_text("utf-8"))["datasets"][0]
        self.classes = described["class_names"]
        read = {file["role"]: idx(DATA / file["path"], file["sha256"]) for file in described["files"]}
        labels, draws = read["train-labels"], np.random.default_rng(SEED)
        drawn = draws.permutation(np.concatenate([np.flatnonzero(labels == of)[:GALLERY] for of in range(len(self.classes))]))
        self.gallery, self.gallery_labels, self.gallery_ids = read["train-images"][drawn], labels[drawn], drawn
        asking = draws.permutation(len(read["test-labels"]))
        self.queries, self.query_labels, self.query_ids = read["test-images"][asking], read["test-labels"][asking], asking

    def embedded(self, path, out):
        """Vectors by an exported model, and the names of the classes that it saw."""
        card, tensors = loader.load(path)
        if loader.self_check(card, tensors) >= 1e-4:
            raise SystemExit(f"{path} is not what the lab exported")
        rows = {name: np.concatenate([loader.embed(card, tensors, part[:, None]) for part in np.array_split(images, len(images) // BATCH)])
                for name, images in (("documents", self.gallery), ("queries", self.queries))}
        saved(out, **rows)
        return card["classes"]

    def beside(self, folder, task):
        """Labels of both, and the task of each query by its class."""
        name = lambda label: self.classes[label]
        written(folder / "corpus.jsonl", [{"id": f"train-{row}", "label": name(label)}
                                          for row, label in zip(self.gallery_ids.tolist(), self.gallery_labels)])
        written(folder / "queries.jsonl", [
            {"id": f"test-{row}", "label": name(label), **({"task": task(name(label))} if task else {})}
            for row, label in zip(self.query_ids.tolist(), self.query_labels)])


PICTURED = {"independent-swap-1-v1": "five-classes", "independent-swap-1-v2": "ten-classes", "independent-swap-2-v2": "ten-classes-again",
            "merge-1-v1": "base", "merge-1-v2": "first-team", "merge-1-v3": "second-team", "merge-1-v4": "merged"}


def picture_cases(lab, cache):
    """Models of Fashion-MNIST; a bridge was made for none of them."""
    pictures, saw = Pictures(), {}
    for preset, seed in (("independent-swap", 1), ("independent-swap", 2), ("merge", 1)):
        out = cache / "models" / f"{preset}-{seed}"
        if not (out / "report.json").exists():
            run([lab, "run", "--preset", preset, "--seed", seed, "--data", DATA, "--out", out], cwd=cache)
        for path in sorted((out / "weights").glob("*.safetensors")):
            model = path.stem.split(f"seed{seed}-")[1]
            name = PICTURED.get(f"{preset}-{seed}-{model}")
            if name:
                saw[name] = set(pictures.embedded(path, cache / "pictures" / name))
    tasks = {
        "swap": lambda label: "classes the old model saw" if label in saw["five-classes"] else "other classes",
        "teams": lambda label: "classes of both teams" if label in saw["base"] else "classes of the first team" if label in saw["first-team"]
        else "classes of the second team",
        "all": None}
    for name, task in tasks.items():
        pictures.beside(cache / "pictures" / name, task)

    def case(old, new, beside, about):
        files = [f"pictures/{beside}/{kind}.jsonl" for kind in ("corpus", "queries")]
        return Case(f"{old}-to-{new}", f"pictures/{old}", f"pictures/{new}", files, about)
    yield case("five-classes", "ten-classes", "swap", "an old model that saw five of the ten classes")
    yield case("ten-classes", "five-classes", "swap", "the same, back again")
    yield case("ten-classes", "ten-classes-again", "all", "the same network from two seeds")
    yield case("first-team", "second-team", "teams", "one model that two teams trained on, each on classes of its own")
    for team in ("first", "second"):
        yield case(f"{team}-team", "merged", "teams", f"the {team} team's model, and both teams' weights put together")


# What is kept of a report.

def short(value):
    """Numbers with as many digits as anyone reads, so that the file stays small."""
    if isinstance(value, dict):
        return {key: short(of) for key, of in value.items()}
    if isinstance(value, list):
        return [short(of) for of in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def kept(case, report):
    said, study = report["verdict"], report["study"]

    def row(of):
        scores = {score["metric"]: {key: score[key] for key in ("mean", "gain", "retention")} for score in of["scores"]
                  if score["metric"] == study["deciding"] or score["metric"] == "label_map" and of["choice"]["kind"] != "cascade"}
        return {"choice": of["choice"], "name": of["name"], "touched": of["cost"]["embed_on_the_way"], "scores": scores}

    def shown(of):
        return of["choice"]["kind"] in ("stay", "centred", "swap", "bridge", "cascade", "reindex") and of["scores"]
    faces = ("models", "verdict")
    return short({
        "name": case.name, "about": case.about, "command": case.command(), **{key: report[key] for key in faces},
        **{key: study[key] for key in ("documents", "queries", "judged", "deciding", "k", "fitted_on", "needed", "mixed", "pairs")},
        "thresholds": study["thresholds"] and {key: study["thresholds"][key] for key in ("rows", "sentence")},
        "rows": [row(of) for of in study["rows"] if shown(of)],
        "tasks": [{"name": task["name"], "judged": task["judged"], "scores": [
            {key: score[key] for key in ("choice", "gain", "retention")} for score in task["scores"]
            if score["choice"]["kind"] in ("stay", "reindex")]} for task in study.get("tasks", ())]})


def of_kind(rows, **choice):
    return [row for row in rows if choice.items() <= row["choice"].items()]


def score(case, row, metric=None):
    return row["scores"].get(metric or case["deciding"])


def bridges(case, direction=None):
    """Bridges of a report that were judged; of each direction the one whose held-out pairs fit best comes first."""
    return of_kind(case["rows"], kind="bridge", **({"direction": direction} if direction else {}))


# What is computed beside the reports.

class Texts:
    """Vectors, judgements and labels of the texts, and which documents answer no query."""

    def __init__(self, cache):
        text = cache / "text"
        documents, self.queries = lines(text / "corpus.jsonl"), lines(text / "queries.jsonl")
        place = {document["id"]: row for row, document in enumerate(documents)}
        relevant = collections.defaultdict(list)
        for line in (text / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
            query, document, _ = line.split("\t")
            relevant[query].append(place[document])
        self.relevant = [relevant[query["id"]] for query in self.queries]
        self.parts = np.array([document["label"].split(".")[0] for document in documents])
        self.rows = {model: {kind: unit(np.load(text / model / f"{kind}.npy").astype("f4"), "f8") for kind in ("documents", "queries")}
                     for model in (GLOVE, MINILM, ROUNDED)}
        for dims in CUT:
            self.rows[f"minilm-{dims}"] = {kind: unit(rows[:, :dims], "f8") for kind, rows in self.rows[MINILM].items()}
        answers = {document for of in self.relevant for document in of}
        self.free = np.random.default_rng(SEED).permutation([row for row in range(len(documents)) if row not in answers])
        self.asked = {task: np.array([row for row, query in enumerate(self.queries) if query["task"] == task]) for task in TASKS}

    def found(self, queries, documents, asked):
        """The reciprocal rank of each query's first relevant document, 0 beyond the depth."""
        scores = (queries[asked].astype("f4") @ documents.astype("f4").T)
        best = np.array([of[self.relevant[query]].max() for of, query in zip(scores, asked)])
        ranks = 1 + (scores > best[:, None]).sum(1)
        return np.where(ranks <= DEPTH, 1 / ranks, 0.0)

    @functools.lru_cache(None)
    def of_model(self, model, task):
        return self.found(self.rows[model]["queries"], self.rows[model]["documents"], self.asked[task])

    def bridged(self, old, new, direction, fitted, asked):
        """What a map finds: `fitted` makes one of the vectors to map from and to."""
        x, y = (new, old) if direction == "queries" else (old, new)
        weight, bias = fitted(self.rows[x]["documents"], self.rows[y]["documents"])
        mapped = lambda rows: unit(rows @ weight + bias, "f8")
        queries, documents = self.rows[new]["queries"], self.rows[old]["documents"]
        if direction == "queries":
            return self.found(mapped(queries), documents, asked)
        return self.found(queries, mapped(documents), asked)


RESAMPLED = Resampled(SEED)


def estimate(over, under=None):
    """The mean of scores, or its ratio to another, with an interval from the resamples that the lab draws."""
    (value, _), (low, _), (high, _) = RESAMPLED.estimate(over, under)[0]
    return {"value": float(value), "low": float(low), "high": float(high)}


def procrustes(rows):
    """The turn that fits best once the means are removed. How it turns what has no variance does not matter."""
    def fitted(x, y):
        pairs = Pairs(x, y, rows.tolist())
        left, _, right = np.linalg.svd(pairs.sums(True)[3], full_matrices=False)
        return pairs.affine(left @ right)
    return fitted


def uncentred(rows):
    """The turn that fits best where the means stay in both."""
    def fitted(x, y):
        left, _, right = np.linalg.svd(x[rows].T @ y[rows], full_matrices=False)
        return left @ right, 0.0
    return fitted


def ridge(rows):
    def fitted(x, y):
        pairs = Pairs(x, y, rows.tolist())
        return pairs.ridge(pairs.chosen("ridge")[1][0])
    return fitted


FAMILIES = {"procrustes": procrustes, "ridge": ridge}
DIRECTIONS = "queries", "gallery"


def beside(texts, cases):
    """What the reports do not hold."""
    examples = texts.asked["examples"]
    full = functools.partial(texts.of_model, task="examples")
    retained = lambda old, new, direction, fitted, asked=examples, of=slice(None): estimate(
        texts.bridged(old, new, direction, fitted, asked), full(new)[of])
    free, found = texts.free, {}

    # The same numbers as the reports', first of all.
    apart = []
    for case in (case for case in cases if case["name"] in {f"{old}-to-{new}" for old, new in PAIRS_OF_TEXT}):
        old, new = case["models"]["old"], case["models"]["new"]
        asked = np.arange(len(texts.queries))
        ours = {"stay": texts.found(texts.rows[old]["queries"], texts.rows[old]["documents"], asked),
                "reindex": texts.found(texts.rows[new]["queries"], texts.rows[new]["documents"], asked)}
        theirs = {kind: of_kind(case["rows"], kind=kind)[0] for kind in ours}
        for direction in DIRECTIONS:
            ours[direction] = texts.bridged(old, new, direction, procrustes(free), asked)
            theirs[direction] = of_kind(bridges(case, direction), family="procrustes")[0]
        apart += [abs(of.mean() - score(case, theirs[name])["mean"]["value"]) for name, of in ours.items()]
    found["agreement"] = {"compared": len(apart), "largest_difference": max(apart)}

    found["centring"] = [
        {"old": old, "new": new, "direction": direction, "centred": retained(old, new, direction, procrustes(free)),
         "uncentred": retained(old, new, direction, uncentred(free)), "stay": estimate(full(old), full(new)),
         "lengths_of_means": [float(np.linalg.norm(texts.rows[model]["documents"].mean(0))) for model in (old, new)]}
        for old, new in PAIRS_OF_TEXT for direction in DIRECTIONS]

    nouns = free[texts.parts[free] == "noun"]
    asks = {part: np.array([place for place, query in enumerate(examples) if texts.parts[texts.relevant[query][0]] == part])
            for part in ("noun", "verb")}
    found["domain"] = {"pairs": len(nouns), "queries": {part: len(of) for part, of in asks.items()}, "rows": [
        {"old": old, "new": new, "family": family, "direction": direction, "asked": part, **{
            name: retained(old, new, direction, FAMILIES[family](rows), examples[of], of) for name, rows in (
                ("any", free[:len(nouns)]), ("nouns", nouns))}}
        for old, new in PAIRS_OF_TEXT[:2] for family in FAMILIES for direction in DIRECTIONS for part, of in asks.items()]}

    own = np.unique([texts.relevant[query][0] for query in examples])
    found["fitted"] = {"pairs": len(own), "rows": [
        {"old": old, "new": new, "family": family, "direction": direction,
         **{name: retained(old, new, direction, FAMILIES[family](rows)) for name, rows in (("apart", free[:len(own)]), ("own", own))}}
        for old, new in PAIRS_OF_TEXT[:3] for family in FAMILIES for direction in DIRECTIONS]}

    found["judged"] = []
    for old in (GLOVE, *(f"minilm-{dims}" for dims in CUT), ROUNDED):
        difference, draws = full(MINILM) - full(old), np.random.default_rng(SEED)
        shares = {}
        for count in TRIED:
            samples = np.array([difference[draws.permutation(len(difference))[:count]] for _ in range(SAMPLES)])
            shares[str(count)] = float((samples.mean(1) > 1.96 * samples.std(1, ddof=1) / count**0.5).mean())
        found["judged"].append({"old": old, "new": MINILM, "gain": estimate(difference), "seen": shares})
    return short(found)


# The page.

def number(value, digits=2):
    said = f"{value:.{digits}f}"
    return said.lstrip("-") if not float(said) else said.replace("-", "−")


def interval(of, digits=2):
    return "–" if of is None else f"{number(of['value'], digits)} [{number(of['low'], digits)}, {number(of['high'], digits)}]"


def percent(share):
    return f"{100 * share:.0f} %".replace("-", "−")


def table(heads, rows):
    line = lambda cells: f"| {' | '.join(map(str, cells))} |"
    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])


def counted(many, one, several):
    return f"{many:,} {one if many == 1 else several}"


FAMILY = {"translation": "translation", "procrustes": "Procrustes", "scaled_procrustes": "scaled Procrustes", "ridge": "ridge",
          "low_rank": "low rank", "clusters": "maps per cluster", "mlp": "MLP"}
METRIC = {"mrr": f"MRR@{DEPTH}", "label_map": "mAP by label"}
FIRST = {"old_query": "old index, old query", "mapped_query": "old index, mapped query", "mapped_gallery": "mapped index, new query"}
WAY = {"queries": "of queries", "gallery": "of the index"}


def scores_of(case, kind, metric=None):
    return score(case, of_kind(case["rows"], kind=kind)[0], metric)


def mapped(of):
    return f"{FAMILY[of['family']]} {WAY[of['direction']]}"


def known(cases):
    """Cases in which something says what is relevant, and the vectors differ."""
    return [case for case in cases if case["deciding"] in ("mrr", "label_map") and case["verdict"]["decision"] != "nothing_changed"]


def counting(cases):
    """Those of one task each and of all queries."""
    whole = {f"{old}-to-{new}" for old, new in PAIRS_OF_TEXT}
    few = {f"{GLOVE}-to-{MINILM}-{count}-examples" for count in FEWER}
    return [case for case in known(cases) if case["name"] not in whole | few and not case["name"].startswith(SHORT)]


def arrow(of):
    return f"{of['old']} → {of['new']}"


def span(values):
    """From the least of some differences to the most."""
    signed = [f"{value:+.2f}".replace("-", "−") for value in (min(values), max(values))]
    return f"{signed[0]} to {signed[1]}"


def changes(rows, one, other):
    return span([row[other]["value"] - row[one]["value"] for row in rows])


DECIDED = {"nothing_changed": "nothing changed", "works_as_it_is": "works as it is", "stay": "stay", "bridge": "a bridge",
           "cascade": "a cascade", "reindex": "re-index", "depends_on_task": "depends on the task", "cannot_tell": "cannot tell yet"}


class Page:
    """Sections of the page, from what was measured."""

    def __init__(self, content):
        self.content, self.own = content, content["beside"]
        self.cases = {case["name"]: case for case in content["cases"]}
        self.pictured = self.cases["five-classes-to-ten-classes"]
        self.by_examples = [self.cases[f"{old}-to-{new}-examples"] for old, new in PAIRS_OF_TEXT]
        self.glove = self.by_examples[0]

    def of_glove(self, name):
        return self.cases[f"{GLOVE}-to-{MINILM}-{name}"]

    def opening(self):
        content, pictured = self.content, self.pictured
        yield f"""# Decisions about real models

Made by `python3 docs/decisions.py` from docs/decisions.json, which holds the numbers of one run with seed {content['seed']} \
({content['seconds'] / 60:.0f} minutes on {content['machine']}). They are facts about these data and models, not about yours.

Texts are {self.glove['documents']:,} definitions of WordNet. Queries are example sentences, which stand with one definition each, and single \
words, which stand with all of their meanings. `{GLOVE}` is the mean of the GloVe vectors of a text's words, `{MINILM}` is all-MiniLM-L6-v2, and \
`{ROUNDED}` is the same model with its matrices rounded to 4 bits. `{SHORT}` is the first {CUT[1]} dims of `{MINILM}`, as an index of shorter \
vectors has them. Pictures are {pictured['documents']:,} training pictures of Fashion-MNIST, asked for by {pictured['queries']:,} test pictures \
of the same label; their models are small networks that this lab trained, and no bridge was made for any of them. Scores of texts are \
{METRIC['mrr']}, those of pictures {METRIC['label_map']}.

Retention is what an option scores divided by what a full re-index scores. An interval in brackets holds 95 % of the resamples of the queries. \
Maps are fitted on documents that answer no judged query, where there are enough of them. Where labels judge, nearly every document answers \
some query, so maps are fitted on any documents, and their numbers are flattered.

```sh
cargo build --release -p cli
python3 docs/decisions.py --lab target/release/upgrade-lab
python3 docs/decisions.py --check
```

The commands behind single decisions stand in docs/decisions.json."""

    def decided(self):
        yield "## What was decided\n\nIn the tool's own words:"
        met, said = set(), []
        for case in self.cases.values():
            verdict = case["verdict"]
            judged = counted(case["judged"], "judged query", "judged queries")
            said.append(f"- **{arrow(case['models'])}**, {case['about']} ({judged}, {case['documents']:,} documents): {verdict['headline']}")
            if verdict["provisional"] not in met | {None}:
                met.add(verdict["provisional"])
                said.append(f"  *{verdict['provisional']}*")
        yield "\n".join(said)

    def sentences(self):
        rows, sentences = [], self.content["sentences"]
        for name, of in sentences.items():
            first = "; ".join(f"{arrow(self.cases[case]['models'])}, {self.cases[case]['about']}" for case in of["cases"][:2])
            more = f"; {len(of['cases']) - 2} more" if len(of["cases"]) > 2 else ""
            none = "by no run here" + (", only in the unit tests" if of["tested"] else "")
            rows.append([name, first + more or none])
        reached = sum(bool(of["cases"]) for of in sentences.values())
        yield f"""### Sentences that a decision needs

Of {len(rows)} sentences {reached} were said of real models by the runs above, with the settings that `decide` has by itself:"""
        yield table(["sentence", "said of"], rows)

    def tasks(self):
        rows = [[arrow(case["models"]), METRIC[case["deciding"]], task["name"], f"{task['judged']:,}", interval(of["gain"], 3)]
                for case in known(self.cases.values()) for task in case["tasks"] if len(case["tasks"]) > 1
                for of in of_kind(task["scores"], kind="reindex")]
        if rows:
            yield "### Task by task\n\nWhat a full re-index changes for each task, by the metric that decides:"
            yield table(["pair", "score", "task", "judged queries", "change"], rows)

    def claim(self):
        least = f"≥ {percent(CLAIMED)}"
        heads = ["pair", "queries", "score", "staying retains", "bridges retain", least, "surely", "better than staying", "worse",
                 f"{least} and better"]
        rows, where = [], collections.Counter()
        for case in counting(self.cases.values()):
            scores = [score(case, row) for row in bridges(case)]
            kept_of = [of["retention"]["value"] for of in scores]
            better = [of["gain"]["low"] > 0 for of in scores]
            flags = ([value >= CLAIMED for value in kept_of], [of["retention"]["low"] >= CLAIMED for of in scores], better,
                     [of["gain"]["high"] < 0 for of in scores], [value >= CLAIMED and gains for value, gains in zip(kept_of, better)])
            rows.append([arrow(case["models"]), case["about"], METRIC[case["deciding"]], interval(scores_of(case, "stay")["retention"]),
                         f"{number(min(kept_of))} to {number(max(kept_of))}", *map(sum, flags)])
            where.update({arrow(case["models"]): sum(flags[-1])})
        where = ", ".join(f"{pair} ({count})" for pair, count in where.items() if count)
        total = sum(len(bridges(case)) for case in counting(self.cases.values()))
        reaching, _, better, _, both = (sum(row[place] for row in rows) for place in range(5, 10))
        yield f"""## Where 95 to 99 % holds, and what it depends on

Published claims of 95 to 99 % retention say that an adapter between two models saves the re-index. Over the runs below, seven families of maps \
in both directions make {total} bridges. {reaching} of these keep {percent(CLAIMED)} or more of what a full re-index scores. But that says \
little without what staying keeps: where the old system scores nearly as much already, or more, an adapter keeps much without being worth \
anything. {better} of the {total} bridges are better than staying beyond their intervals, and {both} are both{": " * bool(where)}{where}."""
        yield table(heads, rows)

    def models(self):
        rows = []

        def row(case, called, metric=None):
            of = [scores_of(case, kind, metric) for kind in ("reindex", "stay")] + [
                score(case, bridges(case, direction)[0], metric) for direction in DIRECTIONS]
            if all(of):
                rows.append([arrow(case["models"]), called, interval(of[0]["gain"], 3), *(interval(each["retention"]) for each in of[1:])])
        for old, new in PAIRS_OF_TEXT:
            for task in TASKS:
                row(self.cases[f"{old}-to-{new}-{task}"], f"{task}, {METRIC['mrr']}")
            row(self.cases[f"{old}-to-{new}"], f"both, {METRIC['label_map']}", "label_map")
        for case in self.cases.values():
            if case["command"].startswith("upgrade-lab decide --old pictures") and case["name"] != "ten-classes-to-five-classes":
                row(case, METRIC["label_map"])
        decisions = {about: DECIDED[self.cases[f"{GLOVE}-to-{MINILM}{name}"]["verdict"]["decision"]] for name, about in (
            ("", "judged queries"), ("-labels", "labels alone"), ("-unknown", "vectors alone"))}
        yield "### The pair of models, and the task"
        yield "The bridge of each direction is the one whose map fits held-out pairs best; no judged query had a say in that."
        yield table(["pair", "score", "change by a full re-index", "staying retains", "bridge of queries", "bridge of the index"], rows)
        yield f"What is asked decides, too. For {GLOVE} → {MINILM} the decision is " + ", ".join(
            f"*{decision}* by {about}" for about, decision in decisions.items()) + "."

    def pairs(self):
        rows = []
        for case in [*self.by_examples, self.pictured]:
            plain = case["pairs"][:-2] if case["pairs"][-1]["domain"] else case["pairs"]
            shown, last = {point["pairs"]: interval(point["retention"]) for point in plain}, plain[-1]
            rows.append([arrow(case["models"]), mapped(last), *(shown.get(pairs, "–") for pairs in SHOWN),
                         f"{interval(last['retention'])} ({last['pairs']:,})"])
        yield "### How many pairs\n\nRetention of the bridge to go by, of example queries and of pictures:"
        yield table(["pair", "bridge", *(f"{pairs:,} pairs" for pairs in SHOWN), "all pairs"], rows)

    def centring(self):
        rows = self.own["centring"]
        yield """### Centring

A Procrustes map turns vectors. With the means removed first and added again (as `decide` does), or left in, retention of example queries is:"""
        yield table(["pair", "bridge", "lengths of both mean vectors", "staying retains", "centred", "not centred"],
                    [[arrow(of), WAY[of["direction"]], ", ".join(map(number, of["lengths_of_means"])),
                      *(interval(of[name]) for name in ("stay", "centred", "uncentred"))] for of in rows])
        yield f"Leaving the means in changes retention by {changes(rows, 'centred', 'uncentred')}."

    def directions(self):
        named = [self.by_examples[0], self.by_examples[2], self.pictured]
        rows, apart = [], collections.defaultdict(list)
        for family, called in FAMILY.items():
            cells = []
            for case in named:
                of = [score(case, of_kind(bridges(case, direction), family=family)[0])["retention"] for direction in DIRECTIONS]
                cells += map(interval, of)
                apart[arrow(case["models"])].append(of[1]["value"] - of[0]["value"])
            rows.append([called, *cells])
        yield """### Direction

The same family can map new queries into the old space or the old index into the new one. Retention of example queries and of pictures:"""
        yield table(["family", *(f"{arrow(case['models'])}, {WAY[direction]}" for case in named for direction in DIRECTIONS)], rows)
        yield "Mapping the index instead of the queries changes retention by " + ", ".join(
            f"{span(of)} ({pair})" for pair, of in apart.items()) + "."

    def domains(self):
        domain = self.own["domain"]
        rows = domain["rows"]
        yield f"""### Domain

Maps fitted on {domain['pairs']:,} definitions of nouns, against as many of any part of speech, judged by examples of \
{domain['queries']['noun']:,} nouns and {domain['queries']['verb']:,} verbs:"""
        yield table(["pair", "map", "examples of", "retention, pairs of any part of speech", "of nouns alone"],
                    [[arrow(of), mapped(of), f"{of['asked']}s", interval(of["any"]), interval(of["nouns"])] for of in rows])
        yield "Nouns alone change retention " + " and ".join(
            f"for {part}s by {changes([of for of in rows if of['asked'] == part], 'any', 'nouns')}" for part in ("noun", "verb")) + "."
        rows = []
        for case in [*self.by_examples, self.pictured]:
            any_of, others = case["pairs"][-2:]
            if others["domain"]:
                rows.append([arrow(case["models"]), f"{others['pairs']:,}", interval(any_of["retention"]), interval(others["retention"])])
        yield """`decide` asks the same of any data: it leaves out one cluster of the documents, the one that most judged queries are nearest \
to, and judges by these queries."""
        yield table(["pair", "pairs", "retention, pairs of any cluster", "of other clusters"], rows)

    def fitted(self):
        fitted = self.own["fitted"]
        rows, many = fitted["rows"], f"{fitted['pairs']:,}"
        yield f"""### Judged by what it was fitted on

Maps fitted on {many} definitions that answer no query, or on the {many} that answer the very examples that judge them:"""
        yield table(["pair", "map", "retention, other pairs", "the same pairs"],
                    [[arrow(of), mapped(of), interval(of["apart"]), interval(of["own"])] for of in rows])
        yield f"Judging by the pairs that it was fitted on changes a map's retention by {changes(rows, 'apart', 'own')}."

    def cascades(self):
        sizes, rows = sorted({row["choice"]["candidates"] for row in of_kind(self.glove["rows"], kind="cascade")}), []
        for case in [*map(self.of_glove, TASKS), self.of_glove(f"{FEWER[1]}-examples"), self.cases[f"{SHORT}-to-{MINILM}-{FEWER[0]}-examples"],
                     self.pictured]:
            for first, called in FIRST.items():
                found = {row["choice"]["candidates"]: f"{interval(score(case, row)['retention'])}; {percent(row['touched'] / case['documents'])}"
                         for row in of_kind(case["rows"], kind="cascade", first=first)}
                rows.append([f"{arrow(case['models'])}, {case['about']}", called, *(found.get(size, "–") for size in sizes)])
        yield """## What else the runs say

### Cascades

The new model re-scores the best N candidates of a first stage. Share of the full re-index's score, and share of the documents that these \
queries made it embed on the way:"""
        yield table(["pair", "candidates from", *(f"N = {size}" for size in sizes)], rows)

    def migrated(self):
        rows, percents = [], [f"{point['percent']} %" for point in self.glove["mixed"]]
        for case in [*self.by_examples[:2], self.pictured]:
            for kind in ("raw", "calibrated", "bridged"):
                rows.append([arrow(case["models"]), kind, *("–" if of[kind] is None else number(of[kind]["value"], 3) for of in case["mixed"])])
        yield """### A half-migrated index

Score while a part of the documents is re-embedded, with raw scores of both models side by side, with scores calibrated per query, and \
calibrated with a bridge for the old part:"""
        yield table(["pair", "scores", *percents], rows)

    def cutoffs(self):
        shown = self.glove, self.cases[f"{ROUNDED}-to-{MINILM}-words"], self.pictured, self.cases["ten-classes-to-ten-classes-again"]
        yield """### Cut-offs

A cut-off is chosen on one half of the judged queries so that 90 % of the top answers are right, and judged on the other half:"""
        yield "\n".join(f"- {arrow(case['models'])}, {case['about']}: {case['thresholds']['sentence']}" for case in shown)

    def judged(self):
        rows = self.own["judged"]
        yield f"""### How many judged queries show a gain

Share of {SAMPLES:,} samples of so many examples whose 95 % interval (1.96 standard errors) lies above 0. `minilm-{CUT[0]}` is the first \
{CUT[0]} dims of `{MINILM}`."""
        yield table(["pair", f"gain of {METRIC['mrr']}", *rows[0]["seen"]],
                    [[arrow(of), interval(of["gain"], 3), *map(percent, of["seen"].values())] for of in rows])
        agreement = self.own["agreement"]
        yield f"""Centring, nouns alone, fitted pairs and the last table were computed beside the reports. {agreement['compared']} numbers that \
both have (staying, the full re-index and both Procrustes bridges of each pair of `{GLOVE}`, `{MINILM}` and `{ROUNDED}`) differ by at most \
{agreement['largest_difference']:.1e}."""

    def text(self):
        sections = (self.opening, self.decided, self.sentences, self.tasks, self.claim, self.models, self.pairs, self.centring, self.directions,
                    self.domains, self.fitted, self.cascades, self.migrated, self.cutoffs, self.judged)
        return "\n\n".join(part for section in sections for part in section()) + "\n"


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").exists() else ""
    name = next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), "a processor of unknown name")
    return f"{os.cpu_count()} cores of {name}"


def measured(lab, cache, keep):
    """All numbers, and the seconds that they took unless reports were there."""
    began = time.monotonic()
    cases = [kept(case, case.report(lab, cache, keep)) for case in [*text_cases(cache), *picture_cases(lab, cache)]]
    tests = (HERE.parent / "crates" / "decide" / "src" / "verdict" / "tests.rs").read_text("utf-8")
    sentences = {name: {"cases": [case["name"] for case in cases if says(case["verdict"])], "tested": words in tests}
                 for name, says, words in SENTENCES}
    own = beside(Texts(cache), cases)
    seconds = json.loads(JSON.read_text("utf-8"))["seconds"] if keep and JSON.exists() else round(time.monotonic() - began)
    return {"made_by": "docs/decisions.py", "seed": SEED, "machine": machine(), "seconds": seconds,
            "sentences": sentences, "beside": own, "cases": cases}


def lined(content):
    """JSON with a line for each row of a case."""
    dump = functools.partial(json.dumps, ensure_ascii=False)

    def of(value, depth=0):
        if isinstance(value, (dict, list)) and value and depth < 4 and len(dump(value)) > 160:
            pad, many = "\n" + " " * (depth + 1), isinstance(value, dict)
            items = [f"{dump(key)}: {of(item, depth + 1)}" for key, item in value.items()] if many else [of(item, depth + 1) for item in value]
            return ("{" if many else "[") + pad + ("," + pad).join(items) + "\n" + " " * depth + ("}" if many else "]")
        return dump(value)
    return of(content) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--lab", type=pathlib.Path, help="the program upgrade-lab")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("decisions-cache"), help="folder for vectors, models and reports")
    parser.add_argument("--keep", action="store_true", help="reports that are there are taken as they are")
    parser.add_argument("--check", action="store_true", help="only compare decisions.md with what decisions.json makes")
    arguments = parser.parse_args()
    if arguments.check:
        if Page(json.loads(JSON.read_text("utf-8"))).text() != PAGE.read_text("utf-8"):
            raise SystemExit("docs/decisions.md is not what docs/decisions.json makes: run docs/decisions.py, or undo what changed in it")
        return print("docs/decisions.md is what docs/decisions.json makes")
    if not arguments.lab:
        parser.error("--lab says where the program is")
    cache = arguments.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    JSON.write_text(lined(measured(arguments.lab.resolve(), cache, arguments.keep)), "utf-8")
    PAGE.write_text(Page(json.loads(JSON.read_text("utf-8"))).text(), "utf-8")
    print(f"{JSON}: {JSON.stat().st_size:,} bytes; {PAGE}: {PAGE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
