"""Uses a model that Upgrade Lab exported. Needs Python 3.9 and NumPy; run it with a model file to check that file."""
import json
import math
import sys
import numpy as np


def load(path):
    """The card and the tensors, by name, of a SafeTensors file: length of a JSON header, the header, the numbers."""
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    card = json.loads(header.pop("__metadata__")["card"])
    read = lambda entry: np.frombuffer(data[start + entry["data_offsets"][0]:start + entry["data_offsets"][1]], "<f4").reshape(entry["shape"])
    return card, {name: read(entry) for name, entry in header.items()}


def normalize(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def windows(x, size, stride):
    """[batch, channels, rows, columns, size, size]"""
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), (2, 3))[:, :, ::stride, ::stride]


def group_norm(x, gamma, beta, groups, epsilon):
    grouped = x.reshape(len(x), groups, -1)
    unit = (grouped - grouped.mean(2, keepdims=True)) / np.sqrt(grouped.var(2, keepdims=True) + epsilon)
    return unit.reshape(x.shape) * gamma[:, None, None] + beta[:, None, None]


def layer_norm(x, gamma, beta, epsilon):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * gamma + beta


def attention(x, heads):
    """[batch, tokens, 3 width] to [batch, tokens, width]"""
    query, key, value = (part.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2) for part in np.split(x, 3, 2))
    scores = query @ key.swapaxes(2, 3) / math.sqrt(key.shape[3])
    weights = np.exp(scores - scores.max(3, keepdims=True))
    return (weights / weights.sum(3, keepdims=True) @ value).swapaxes(1, 2).reshape(*x.shape[:2], -1)


def step(x, op, tensors):
    """One step of `card["forward"]`."""
    t = lambda part: tensors[op[part]] if op[part] else np.float32(0)
    if op["op"] == "flatten":
        return x.reshape(len(x), -1)
    if op["op"] == "slice":
        return x[:, op["start"]:op["start"] + op["length"]]
    if op["op"] == "relu":
        return np.maximum(x, 0)
    if op["op"] == "gelu":
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2
    if op["op"] == "normalize":
        return normalize(x)
    if op["op"] == "linear":
        return x @ t("weight") + t("bias")
    if op["op"] == "max_pool":
        return windows(x, op["size"], op["size"]).max((4, 5))
    if op["op"] == "conv2d":
        padded = np.pad(x, ((0, 0), (0, 0), (op["padding"],) * 2, (op["padding"],) * 2))
        patches = windows(padded, t("weight").shape[-1], op["stride"])
        sums = np.tensordot(patches, t("weight"), ([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
        return sums + np.reshape(t("bias"), (-1, 1, 1))
    if op["op"] == "group_norm":
        return group_norm(x, t("gamma"), t("beta"), op["groups"], op["epsilon"])
    if op["op"] == "patchify":
        patches = windows(x, op["size"], op["size"]).transpose(0, 2, 3, 1, 4, 5)
        return patches.reshape(len(x), patches.shape[1] * patches.shape[2], -1)
    if op["op"] == "add_positions":
        return x + t("positions")
    if op["op"] == "layer_norm":
        return layer_norm(x, t("gamma"), t("beta"), op["epsilon"])
    if op["op"] == "attention":
        return attention(x, op["heads"])
    if op["op"] == "residual":
        return x + follow(x, op["steps"], tensors)
    if op["op"] == "concat":
        return np.concatenate([follow(x, steps, tensors) for steps in op["branches"]], 1)
    if op["op"] == "mean_tokens":
        return x.mean(1)
    # How BT2 ended in files of older versions.
    if op["op"] == "basis_transformation":
        out = normalize(x[:, :op["split"]]) @ t("from_new").T
        if op["old_weight"]:
            out += normalize(np.maximum(x, 0) @ t("old_weight") + t("old_bias")) @ t("from_old").T
        return out
    raise ValueError(f"this loader does not know the step '{op['op']}'; take that of the program's version in the card")


def follow(x, steps, tensors):
    for op in steps:
        x = step(x, op, tensors)
    return x


def embed(card, tensors, pixels):
    """Embeddings `[batch, dims]` of images `[batch, channels, height, width]` with pixels 0 to 255; where the models were given
    as embeddings, of `[batch, 1, 1, width]`: the rows of all of them, one after the other."""
    spread = lambda values: np.array(values, "f4")[:, None, None]
    x = (np.asarray(pixels, "f4") / 255 - spread(card["pixel_mean"])) / spread(card["pixel_std"])
    return follow(x, card["forward"], tensors)


def bridge(card, tensors, rows, old=None):
    """What is compared, `[batch, dims]`: queries by this model, with their rows by the model before where the bridge fuses
    both, or gallery rows by the model before, with their side information behind them."""
    way = card["bridge"]
    mapped = normalize(follow(np.asarray(rows, "f4"), way["map"], tensors))
    if way["fusion"] is None:
        return mapped
    old = normalize(np.asarray(old, "f4"))
    angle = np.arccos(np.clip((old * mapped).sum(1, keepdims=True), -1, 1))
    sine = np.maximum(np.sin(angle), 1e-7)
    return np.sin((1 - way["fusion"]) * angle) / sine * old + np.sin(way["fusion"] * angle) / sine * mapped


def self_check(card, tensors):
    """Largest difference from what the lab wrote down for its synthetic image, and for its synthetic row."""
    image = (7 * np.arange(np.prod(card["input"])) % 256).reshape(1, *card["input"])
    worst = np.abs(embed(card, tensors, image)[0] - card["self_check"]["embedding"]).max()
    if card["bridge"]:
        row = (7 * np.arange(card["bridge"]["inputs"]) % 13 / 13 - 0.5).reshape(1, -1)
        worst = max(worst, np.abs(follow(row, card["bridge"]["map"], tensors)[0] - card["self_check"]["bridged"]).max())
    return float(worst)


if __name__ == "__main__":
    card, tensors = load(sys.argv[1])
    worst = self_check(card, tensors)
    print(f"{card['model']}: {card['dims']} dims, self-check differs by {worst:.1e}")
    sys.exit(worst >= 1e-4)
