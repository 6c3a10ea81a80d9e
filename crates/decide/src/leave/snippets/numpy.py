"""Applies a bridge between two embedding models that Upgrade Lab fitted. Needs Python 3.9 and NumPy.

    python bridge_numpy.py ROWS.npy MAPPED.npy
"""
# From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
# @if queries
# Every new query is mapped before it searches the index of "@TO@", which stays as it is.
# @end
# @if gallery
# Every stored vector of "@FROM@" is mapped once. Queries by "@TO@" then search what came out, as they are.
# @end
# Mapped rows are compared by the cosine.
import json
import math
import pathlib
import sys

import numpy as np

FROM = "@FROM@"
TO = "@TO@"
DIRECTION = "@DIRECTION@"

erf = np.vectorize(math.erf, otypes=[np.float64])


def load(path=pathlib.Path(__file__).with_name("@SAFETENSORS@")):
    """Card, steps and tensors of a SafeTensors file: length of a JSON header, the header, the numbers."""
    data = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    card = header.pop("__metadata__")
    if card["format"] != "upgrade-lab.bridge/1":
        raise ValueError(f"the file has the format {card['format']}, this loader reads upgrade-lab.bridge/1")
    if (card["from"], card["to"]) != (FROM, TO):
        raise ValueError(f"the file goes from {card['from']!r} to {card['to']!r}; take the one from {FROM!r} to {TO!r}")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[start + begin:start + end], "<f4").reshape(entry["shape"])
    return card, json.loads(card["steps"]), tensors


def unit(rows):
    """Rows of length 1; rows of zeros stay. In 64 bits, so that squares do not overflow."""
    rows = np.asarray(rows, np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(length > 0, length, 1)).astype(np.float32)


def clustered(rows, centroids, weight, bias):
    """Each row by the map of the centroid of largest cosine."""
    nearest = (rows @ unit(centroids).T).argmax(1)
    mapped = np.empty((len(rows), bias.shape[1]), np.float32)
    for cluster in np.unique(nearest):
        own = nearest == cluster
        mapped[own] = rows[own] @ weight[cluster] + bias[cluster]
    return mapped


def follow(rows, steps, tensors, path="step"):
    """The rows after the steps; those of a residual step have its place before their own."""
    for place, step in enumerate(steps):
        here = f"{path}.{place}"
        if step["op"] == "normalize":
            rows = unit(rows)
        elif step["op"] == "add":
            rows = rows + tensors[f"{here}.shift"]
        elif step["op"] == "affine":
            rows = rows @ tensors[f"{here}.weight"] + tensors[f"{here}.bias"]
        elif step["op"] == "gelu":
            rows = (rows * (1 + erf(rows / math.sqrt(2))) / 2).astype(np.float32)
        elif step["op"] == "clustered":
            rows = clustered(rows, *(tensors[f"{here}.{name}"] for name in ("centroids", "weight", "bias")))
        elif step["op"] == "residual":
            rows = rows + follow(rows, step["steps"], tensors, here)
        else:
            raise ValueError(f"this loader does not know the step {step['op']!r}")
    return rows


def apply(bridge, rows):
    """Rows `[rows, @FROM_DIMS@]` as they come from the model, or one of them, mapped: `[rows, @TO_DIMS@]`, or one."""
    card, steps, tensors = bridge
    many = np.atleast_2d(np.asarray(rows))
    if many.shape[1] != int(card["from_dims"]):
        raise ValueError(f"rows of {many.shape[1]} numbers; {FROM!r} gives {card['from_dims']}")
    mapped = np.ascontiguousarray(follow(many, steps, tensors), np.float32)
    return mapped if np.ndim(rows) == 2 else mapped[0]


if __name__ == "__main__":
    np.save(sys.argv[2], apply(load(), np.load(sys.argv[1])))
