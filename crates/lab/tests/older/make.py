"""Writes bt2.safetensors and narrow.safetensors as the lab exported BT2 until general steps took the place of `basis_transformation`: the
card and the names are as they were then, the numbers small and made up. Needs nothing but Python."""
import hashlib
import json
import math
import random
import struct
from pathlib import Path

SCENARIO = {"format": 1, "preset": "extended-class", "seed": 1,
            "data": {"dataset": "fashion-mnist", "train_per_class": 400, "test_per_class": 200, "shift": 1, "noise": 0.05},
            "stages": [{"classes": 5, "fraction": 1.0, "rehearsal": 0, "encoder": {"id": "mlp", "values": {"depth": 1.0, "hidden": 64.0}},
                        "dims": 3, "method": {"id": "independent", "values": {}},
                        "schedule": {"epochs": 20, "batch": 128, "rate": 0.002, "warmup": 1.0, "decay": 0.0001, "scale": 10.0}},
                       {"classes": 10, "fraction": 1.0, "rehearsal": 0, "encoder": {"id": "mlp", "values": {"depth": 1.0, "hidden": 256.0}},
                        "dims": 4, "method": {"id": "bt2", "values": {"c": 2.0, "r": 2.0}},
                        "schedule": {"epochs": 20, "batch": 128, "rate": 0.002, "warmup": 1.0, "decay": 0.0001, "scale": 10.0}}],
            "evaluation": {"loss_every": 4, "every": 40, "queries": 400, "gallery": 1000}}
INPUT, WIDTH, SPLIT, R = [1, 2, 3], 5, 4, 2


def normalize(row):
    norm = max(math.sqrt(sum(value * value for value in row)), 1e-12)
    return [value / norm for value in row]


def times(row, matrix):
    """`row` by a matrix of `[inputs, outputs]`."""
    return [sum(value * line[at] for value, line in zip(row, matrix)) for at in range(len(matrix[0]))]


def transposed(matrix):
    return [list(column) for column in zip(*matrix)]


def write(path, r):
    draw = random.Random(7 + r)
    matrix = lambda rows, columns: [[struct.unpack("<f", struct.pack("<f", draw.gauss(0, 1)))[0] for _ in range(columns)] for _ in range(rows)]
    dims = SPLIT + r
    tensors = {"encoder.output.weight": matrix(math.prod(INPUT), WIDTH), "transformation.from_new": matrix(dims, SPLIT)}
    if r:
        tensors |= {"transformation.old.weight": matrix(WIDTH, r), "transformation.old.bias": matrix(1, r), "transformation.from_old": matrix(dims, r)}
    shape = lambda name: [len(tensors[name][0])] if name.endswith("bias") else [len(tensors[name]), len(tensors[name][0])]
    flat = lambda name: [value for row in tensors[name] for value in row]

    pixels = [(7 * index % 256 / 255 - 0.25) / 0.5 for index in range(math.prod(INPUT))]
    u = times(pixels, tensors["encoder.output.weight"])
    embedding = times(normalize(u[:SPLIT]), transposed(tensors["transformation.from_new"]))
    if r:
        linear = times([max(value, 0) for value in u], tensors["transformation.old.weight"])
        o = normalize([value + bias for value, bias in zip(linear, tensors["transformation.old.bias"][0])])
        old = times(o, transposed(tensors["transformation.from_old"]))
        embedding = [new + old for new, old in zip(embedding, old)]

    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(struct.pack(f"<{len(shape(name))}Q", *shape(name)))
        digest.update(struct.pack(f"<{len(flat(name))}f", *flat(name)))
    named = lambda part: f"transformation.{part}" if r else None
    step = {"op": "basis_transformation", "split": SPLIT, "old_weight": named("old.weight"), "old_bias": named("old.bias"),
            "from_old": named("from_old"), "from_new": "transformation.from_new"}
    card = {"format": 2, "program": "upgrade-lab 0.1.0", "model": {"stage": 2, "independent": False}, "id": "sha256:" + digest.hexdigest(),
            "scenario": SCENARIO, "steps": 640, "adjusted": [], "classes": ["T-shirt/top"], "input": INPUT, "pixel_mean": [0.25],
            "pixel_std": [0.5], "dims": dims,
            "forward": [{"op": "flatten"}, {"op": "linear", "weight": "encoder.output.weight", "bias": None}, step],
            "lineage": [], "prefix": 3, "bridge": None, "orthogonality": 1e-06, "metrics": [], "query_set": "sha256:0",
            "self_check": {"image": "pixel i, counted over channels, rows and columns from 0, is (7 i) mod 256", "embedding": embedding,
                           "bridged": []}}
    header, data = {"__metadata__": {"card": json.dumps(card)}}, b""
    for name in tensors:
        bytes_ = struct.pack(f"<{len(flat(name))}f", *flat(name))
        header[name] = {"dtype": "F32", "shape": shape(name), "data_offsets": [len(data), len(data) + len(bytes_)]}
        data += bytes_
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(__file__).with_name(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


write("bt2.safetensors", R)
write("narrow.safetensors", 0)
