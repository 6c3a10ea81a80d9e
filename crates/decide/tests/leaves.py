"""Checks what leaves the lab with the programs that others use.

    cargo run --release -p decide --example leave -- OUT
    python3 crates/decide/tests/leaves.py OUT [--require safetensors,onnxruntime,...] [--qdrant URL] [--postgres DSN]

Every form of every bridge in OUT is loaded; the rows that it makes and the ten best documents of each query are compared with those
that the lab wrote down. What cannot be tried here is printed with the reason, and fails where --require names it.
"""
import argparse
import importlib
import importlib.util
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Largest difference of a number of a mapped row, and of the cosines of two documents that may change places.
ROWS, TIES = 1e-5, 1e-5


class NotTried(Exception):
    """Why a check was not made."""


class DoesNotApply(Exception):
    """Why there is nothing to check."""


def need(name):
    try:
        return importlib.import_module(name)
    except Exception as error:  # A package that is there and broken, too.
        raise NotTried(f"{name} cannot be imported ({type(error).__name__}: {error})") from error


try:
    np = need("numpy")
except NotTried as reason:
    sys.exit(f"nothing was tried: {reason}")


def unit(rows):
    length = np.linalg.norm(np.asarray(rows, np.float64), axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


class Bridge:
    """A bridge that the lab wrote, the rows that go in, and what should come out."""

    def __init__(self, out, entry, models):
        self.folder = out / entry["folder"]
        self.name, self.affine, self.direction = entry["folder"], entry["affine"], entry["direction"]
        self.files = set(entry["files"])
        self.mapped = np.array(entry["mapped"], np.float32)
        self.top = np.array(entry["top"])
        self.source, self.target = models[entry["from"]], models[entry["to"]]
        self.source_name, self.target_name = entry["from"], entry["to"]
        self.rows = self.source["queries" if self.asks else "documents"]
        # What is searched by what, when all is mapped.
        searched = (self.target["documents"], self.mapped) if self.asks else (self.mapped, self.target["queries"])
        self.cosines = unit(searched[1]) @ unit(searched[0]).T

    @property
    def asks(self):
        """Whether queries are mapped, and not the gallery."""
        return self.direction == "queries"

    @property
    def stored(self):
        """What is in the store before anything was mapped."""
        return (self.target if self.asks else self.source)["documents"]

    @property
    def queries(self):
        """Queries as their model gives them."""
        return (self.source if self.asks else self.target)["queries"]

    def snippet(self, file):
        """A snippet as a module. It may import that for NumPy beside it."""
        sys.modules.pop("bridge_numpy", None)
        sys.path.insert(0, str(self.folder))
        try:
            spec = importlib.util.spec_from_file_location(pathlib.Path(file).stem, self.folder / file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        finally:
            sys.path.pop(0)
        if hasattr(module, "FROM"):
            names = (module.FROM, module.TO, module.DIRECTION)
            assert names == (self.source_name, self.target_name, self.direction), f"{file} names {names}"
        return module

    def check_rows(self, found):
        """Largest difference from the lab's rows."""
        found = np.asarray(found, np.float64)
        assert found.shape == self.mapped.shape, f"{found.shape} for {self.mapped.shape}"
        gap = float(np.abs(found - self.mapped).max())
        assert gap < ROWS, f"rows differ by {gap:.1e}"
        self.check_top(self.ranked(found))
        return f"rows differ by {gap:.1e}"

    def ranked(self, mapped):
        """The ten best documents with these mapped rows, by the cosine."""
        index, queries = (self.target["documents"], mapped) if self.asks else (mapped, self.target["queries"])
        return np.argsort(-(unit(queries) @ unit(index).T), axis=1, kind="stable")[:, :10]

    def check_top(self, found):
        """How many places hold another document of the same cosine."""
        found = np.asarray(found)
        assert found.shape == self.top.shape, f"lists of the shape {found.shape} for {self.top.shape}"
        assert all(len(set(row)) == len(row) for row in found.tolist()), "a document is found twice"
        cosine = lambda places: np.take_along_axis(self.cosines, places.astype(np.int64), axis=1)
        gaps = np.abs(cosine(found) - cosine(self.top))
        assert gaps.max() < TIES, f"a place holds a document whose cosine is off by {gaps.max():.1e}"
        return f"{int((found != self.top).sum())} of {found.size} places hold an equal document"


# Each check takes a bridge and says what it found.

def npy_files(bridge):
    if not bridge.affine:
        assert not {"weight.npy", "bias.npy"} & bridge.files
        raise DoesNotApply("more than one affine map")
    weight, bias = np.load(bridge.folder / "weight.npy"), np.load(bridge.folder / "bias.npy")
    assert (weight.dtype, bias.dtype) == (np.float32, np.float32)
    return bridge.check_rows(unit(bridge.rows) @ weight.astype(np.float64) + bias)


def steps_of(rows, steps, tensors, path):
    """The steps by their definition, in 64 bits."""
    for place, step in enumerate(steps):
        here = f"{path}.{place}"
        t = lambda name: tensors[f"{here}.{name}"].astype(np.float64)
        op = step["op"]
        if op == "normalize":
            rows = unit(rows)
        elif op == "add":
            rows = rows + t("shift")
        elif op == "affine":
            rows = rows @ t("weight") + t("bias")
        elif op == "gelu":
            rows = np.array([[x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in row] for row in rows.tolist()])
        elif op == "clustered":
            nearest = (unit(rows) @ unit(t("centroids")).T).argmax(1)
            rows = np.einsum("bi,bio->bo", rows, t("weight")[nearest]) + t("bias")[nearest]
        elif op == "residual":
            rows = rows + steps_of(rows, step["steps"], tensors, here)
        else:
            raise AssertionError(f"unknown step {op}")
    return rows


def safetensors_file(bridge):
    safetensors = need("safetensors")
    with safetensors.safe_open(str(bridge.folder / "bridge.safetensors"), framework="numpy") as file:
        card = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    assert card["format"] == "upgrade-lab.bridge/1"
    assert (card["from"], card["to"], card["direction"]) == (bridge.source_name, bridge.target_name, bridge.direction)
    assert (int(card["from_dims"]), int(card["to_dims"])) == (bridge.rows.shape[1], bridge.mapped.shape[1])
    rows = steps_of(bridge.rows.astype(np.float64), json.loads(card["steps"]), tensors, "step")
    return bridge.check_rows(rows)


def onnx_file(bridge):
    runtime = need("onnxruntime")
    path = str(bridge.folder / "bridge.onnx")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(["y"], {"x": bridge.rows})[0]
    said = bridge.check_rows(found)
    # A row alone, no row, rows of zeros, and rows whose squares 32 bits cannot hold.
    assert np.allclose(session.run(["y"], {"x": bridge.rows[:1]})[0], found[:1], atol=ROWS)
    assert session.run(["y"], {"x": bridge.rows[:0]})[0].shape == (0, bridge.mapped.shape[1])
    assert np.isfinite(session.run(["y"], {"x": np.zeros_like(bridge.rows[:1])})[0]).all()
    for scale in [1e25, 1e-25]:
        scaled = session.run(["y"], {"x": bridge.rows * np.float32(scale)})[0]
        assert np.abs(scaled - bridge.mapped).max() < ROWS, f"rows times {scale} are mapped elsewhere"
    metadata = session.get_modelmeta().custom_metadata_map
    assert (metadata["from"], metadata["to"]) == (bridge.source_name, bridge.target_name)
    return said


def onnx_checker(bridge):
    onnx = need("onnx")
    model = onnx.load(str(bridge.folder / "bridge.onnx"))
    onnx.checker.check_model(model, full_check=True)
    assert (model.ir_version, model.opset_import[0].version) == (9, 17)
    return "valid"


def numpy_snippet(bridge):
    module = bridge.snippet("bridge_numpy.py")
    loaded = module.load()
    said = bridge.check_rows(module.apply(loaded, bridge.rows))
    one = module.apply(loaded, bridge.rows[0])
    assert one.shape == bridge.mapped[0].shape and np.allclose(one, bridge.mapped[0], atol=ROWS)
    with tempfile.TemporaryDirectory() as folder:
        rows, mapped = pathlib.Path(folder) / "rows.npy", pathlib.Path(folder) / "mapped.npy"
        np.save(rows, bridge.rows)
        subprocess.run([sys.executable, str(bridge.folder / "bridge_numpy.py"), str(rows), str(mapped)], check=True)
        bridge.check_rows(np.load(mapped))
    return said


def pytorch_snippet(bridge):
    torch = need("torch")
    need("safetensors.torch")
    module = bridge.snippet("bridge_pytorch.py")
    with torch.no_grad():
        return bridge.check_rows(module.Bridge()(torch.from_numpy(bridge.rows)).numpy())


def refusal(bridge):
    """A loader refuses the bridge of the other direction."""
    other = bridge.name.replace("queries", "gallery") if bridge.asks else bridge.name.replace("gallery", "queries")
    path = bridge.folder.parent / other / "bridge.safetensors"
    if not path.exists():
        raise DoesNotApply(f"there is no {other}")
    try:
        bridge.snippet("bridge_numpy.py").load(path)
    except ValueError as error:
        return str(error)
    raise AssertionError("the bridge of the other direction was loaded")


def faiss_snippet(bridge):
    faiss = need("faiss")
    module = bridge.snippet("bridge_faiss.py")
    stored = unit(bridge.stored).astype(np.float32)
    index = faiss.IndexFlatIP(stored.shape[1])
    index.add(stored)
    if not bridge.asks:
        index = module.rewritten(index, batch=100)
    cosines, places = module.search(index, bridge.queries, 10)
    assert np.abs(cosines - np.take_along_axis(bridge.cosines, places, axis=1)).max() < ROWS
    return bridge.check_top(places)


def lancedb_snippet(bridge):
    lancedb = need("lancedb")
    module = bridge.snippet("bridge_lancedb.py")
    with tempfile.TemporaryDirectory() as folder:
        db = lancedb.connect(folder)
        rows = [{"id": place, "vector": row} for place, row in enumerate(bridge.stored)]
        table = db.create_table("documents", data=rows)
        if not bridge.asks:
            table = module.rewrite(db)
        found = [[row["id"] for row in module.search(table, query, 10)] for query in bridge.queries]
    return bridge.check_top(found)


def sqlite_vec(bridge):
    """No snippet of its own: rows by the loader for NumPy, searched by the extension."""
    extension = need("sqlite_vec")
    sqlite = need("sqlite3")
    module = bridge.snippet("bridge_numpy.py")
    mapped = module.apply(module.load(), bridge.rows)
    stored, queries = (bridge.stored, mapped) if bridge.asks else (mapped, bridge.queries)
    db = sqlite.connect(":memory:")
    try:
        db.enable_load_extension(True)
        extension.load(db)
    except Exception as error:
        raise NotTried(f"this sqlite3 loads no extensions ({error})") from error
    db.execute(f"create virtual table documents using vec0(embedding float[{stored.shape[1]}] distance_metric=cosine)")
    rows = [(place, np.ascontiguousarray(row, np.float32).tobytes()) for place, row in enumerate(stored)]
    db.executemany("insert into documents(rowid, embedding) values (?, ?)", rows)
    sql = "select rowid from documents where embedding match ? and k = 10 order by distance"
    blobs = [np.ascontiguousarray(query, np.float32).tobytes() for query in queries]
    return bridge.check_top([[row[0] for row in db.execute(sql, (blob,))] for blob in blobs])


def fill_qdrant(client, bridge):
    models = need("qdrant_client").models
    for name in ["documents", "documents_bridged"]:
        if client.collection_exists(name):
            client.delete_collection(name)
    size = models.VectorParams(size=bridge.stored.shape[1], distance=models.Distance.COSINE)
    client.create_collection("documents", vectors_config=size)
    points = [models.PointStruct(id=place, vector=row.tolist()) for place, row in enumerate(bridge.stored)]
    client.upsert("documents", points=points)


def qdrant_snippet(bridge):
    client = need("qdrant_client").QdrantClient(":memory:")
    module = bridge.snippet("bridge_qdrant.py")
    fill_qdrant(client, bridge)
    if not bridge.asks:
        module.rewrite(client)
    return bridge.check_top([[point.id for point in module.search(client, query)] for query in bridge.queries])


def qdrant_rest_snippet(bridge):
    if OPTIONS.qdrant is None:
        raise NotTried("it takes a server; give its address with --qdrant, as in http://localhost:6333")
    module = bridge.snippet("bridge_qdrant_rest.py")
    module.QDRANT = OPTIONS.qdrant
    fill_qdrant(need("qdrant_client").QdrantClient(url=OPTIONS.qdrant), bridge)
    if not bridge.asks:
        module.rewrite()
    return bridge.check_top([[point["id"] for point in module.search(query)] for query in bridge.queries])


def pgvector_snippet(bridge):
    if OPTIONS.postgres is None:
        raise NotTried("it takes a database with pgvector; give it with --postgres, as in postgresql://localhost/scratch")
    psycopg = need("psycopg")
    text = lambda row: json.dumps(np.asarray(row, np.float32).tolist())
    with psycopg.connect(OPTIONS.postgres, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        for what in ["TABLE IF EXISTS documents", "FUNCTION IF EXISTS bridge(vector)", "TABLE IF EXISTS bridge_numbers"]:
            connection.execute(f"DROP {what}")
        size = bridge.stored.shape[1]
        connection.execute(f"CREATE TABLE documents (id integer PRIMARY KEY, embedding vector({size}))")
        with connection.cursor() as cursor:
            rows = [(place, text(row)) for place, row in enumerate(bridge.stored)]
            cursor.executemany("INSERT INTO documents VALUES (%s, %s)", rows)
        if not bridge.affine:
            module = bridge.snippet("bridge_pgvector.py")
            if not bridge.asks:
                module.rewrite(connection, batch=100)
            return bridge.check_top([[row[0] for row in module.search(connection, query)] for query in bridge.queries])
    if shutil.which("psql") is None:
        raise NotTried("psql is not on the path")
    # An index would make the answers approximate, so it is taken away before they are asked for.
    asked = "".join(f"\\echo query\nEXECUTE search('{text(query)}');\n" for query in bridge.queries)
    command = ["psql", OPTIONS.postgres, "-v", "ON_ERROR_STOP=1", "-Atq", "-f", "bridge_pgvector.sql", "-f", "-"]
    head = "DROP INDEX IF EXISTS documents_bridged_idx;\n"
    done = subprocess.run(command, input=head + asked, capture_output=True, text=True, check=False, cwd=bridge.folder)
    assert done.returncode == 0, done.stderr
    lists = done.stdout.split("query\n")[1:]
    return bridge.check_top([[int(line.split("|")[0]) for line in lines.splitlines()] for lines in lists])


CHECKS = {
    "npy": npy_files,
    "safetensors": safetensors_file,
    "onnxruntime": onnx_file,
    "onnx": onnx_checker,
    "numpy snippet": numpy_snippet,
    "other direction": refusal,
    "torch": pytorch_snippet,
    "faiss": faiss_snippet,
    "lancedb": lancedb_snippet,
    "sqlite_vec": sqlite_vec,
    "qdrant_client": qdrant_snippet,
    "qdrant-rest": qdrant_rest_snippet,
    "pgvector": pgvector_snippet,
}


def main():
    case = json.loads((OPTIONS.out / "case.json").read_text(encoding="utf-8"))
    models = {
        case[which]["name"]: {part: np.array(case[which][part], np.float32) for part in ["documents", "queries"]}
        for which in ["old", "new"]
    }
    bridges = [Bridge(OPTIONS.out, entry, models) for entry in case["bridges"]]
    for entry in case["left_out"]:
        print(f"NOT TRIED  {entry['folder']}: the lab wrote none ({entry['why']})")
    required = {name for name in OPTIONS.require.split(",") if name}
    unknown = required - CHECKS.keys()
    if unknown:
        sys.exit(f"--require names {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")

    failed, tried = 0, 0
    for name, check in CHECKS.items():
        for bridge in bridges:
            try:
                said = check(bridge)
                tried += 1
                print(f"ok         {name}, {bridge.name}: {said}")
            except DoesNotApply as reason:
                print(f"not needed {name}, {bridge.name}: {reason}")
            except NotTried as reason:
                failed += name in required
                print(f"NOT TRIED  {name}: {reason}" + (" (required)" if name in required else ""))
                break
            except Exception as error:
                failed += 1
                print(f"FAILED     {name}, {bridge.name}: {type(error).__name__}: {error}")
    print("NOT TRIED  bridge.rs: `cargo test -p decide` compiles and runs it")
    print(f"{tried} checks of {len(bridges)} bridges passed, {failed} failed")
    sys.exit(bool(failed) or not tried)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="the folder that the example wrote")
    parser.add_argument("--require", default="", help="checks that must be tried, with commas between")
    parser.add_argument("--qdrant", help="address of a Qdrant server whose collection documents may be overwritten")
    parser.add_argument("--postgres", help="a database with pgvector whose table documents may be overwritten")
    OPTIONS = parser.parse_args()
    main()
