"""Applies a bridge between two embedding models that Upgrade Lab fitted. Needs Python 3.9, PyTorch and safetensors.

    python bridge_pytorch.py ROWS.pt MAPPED.pt
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
import pathlib
import sys

import torch
from safetensors import safe_open

FROM = "@FROM@"
TO = "@TO@"
DIRECTION = "@DIRECTION@"


def unit(rows):
    """Rows of length 1; rows of zeros stay. The largest number is divided out first, so that squares do not overflow."""
    least = torch.finfo(rows.dtype).tiny
    rows = rows / rows.abs().amax(1, keepdim=True).clamp_min(least)
    return rows / rows.norm(dim=1, keepdim=True).clamp_min(least)


class Bridge(torch.nn.Module):
    """Rows `[rows, @FROM_DIMS@]` as they come from the model, mapped: `[rows, @TO_DIMS@]`."""

    def __init__(self, path=pathlib.Path(__file__).with_name("@SAFETENSORS@")):
        super().__init__()
        with safe_open(str(path), framework="pt") as file:
            card = file.metadata()
            if card["format"] != "upgrade-lab.bridge/1":
                raise ValueError(f"the file has the format {card['format']}, this loader reads upgrade-lab.bridge/1")
            if (card["from"], card["to"]) != (FROM, TO):
                found = f"from {card['from']!r} to {card['to']!r}"
                raise ValueError(f"the file goes {found}; take the one from {FROM!r} to {TO!r}")
            for name in file.keys():
                self.register_buffer(name.replace(".", "_"), file.get_tensor(name))
        self.from_dims = int(card["from_dims"])
        self.steps = json.loads(card["steps"])

    def forward(self, rows):
        rows = torch.as_tensor(rows).float()
        if rows.shape[1] != self.from_dims:
            raise ValueError(f"rows of {rows.shape[1]} numbers; {FROM!r} gives {self.from_dims}")
        return self.follow(rows, self.steps, "step")

    def follow(self, rows, steps, path):
        """The rows after the steps; those of a residual step have its place before their own."""
        for place, step in enumerate(steps):
            here = f"{path}_{place}"
            if step["op"] == "normalize":
                rows = unit(rows)
            elif step["op"] == "add":
                rows = rows + self.get_buffer(f"{here}_shift")
            elif step["op"] == "affine":
                rows = rows @ self.get_buffer(f"{here}_weight") + self.get_buffer(f"{here}_bias")
            elif step["op"] == "gelu":
                rows = torch.nn.functional.gelu(rows)
            elif step["op"] == "clustered":
                rows = self.clustered(rows, here)
            elif step["op"] == "residual":
                rows = rows + self.follow(rows, step["steps"], here)
            else:
                raise ValueError(f"this loader does not know the step {step['op']!r}")
        return rows

    def clustered(self, rows, path):
        """Each row by the map of the centroid of largest cosine."""
        centroids, weight, bias = (self.get_buffer(f"{path}_{name}") for name in ("centroids", "weight", "bias"))
        nearest = (rows @ unit(centroids).T).argmax(1)
        mapped = rows.new_empty(len(rows), bias.shape[1])
        for cluster in nearest.unique().tolist():
            own = nearest == cluster
            mapped[own] = rows[own] @ weight[cluster] + bias[cluster]
        return mapped


if __name__ == "__main__":
    with torch.no_grad():
        torch.save(Bridge()(torch.load(sys.argv[1], weights_only=True)), sys.argv[2])
