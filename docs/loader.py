"""Uses a model that Upgrade Lab exported. Needs Python 3.9 and NumPy; run it with a model file to check that file."""
import json
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


def step(x, op, t):
    """One step of `card["forward"]`; `t` gives a tensor by the name that stands in the step."""
    if op["op"] == "flatten":
        return x.reshape(len(x), -1)
    if op["op"] == "relu":
        return np.maximum(x, 0)
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
    if op["op"] == "basis_transformation":
        out = normalize(x[:, :op["split"]]) @ t("from_new").T
        if op["old_weight"]:
            out += normalize(np.maximum(x, 0) @ t("old_weight") + t("old_bias")) @ t("from_old").T
        return out
    raise ValueError(f"this loader does not know the step '{op['op']}'; take that of the program's version in the card")


def embed(card, tensors, pixels):
    """Embeddings `[batch, dims]` of images `[batch, channels, height, width]` with pixels 0 to 255."""
    spread = lambda values: np.array(values, "f4")[:, None, None]
    x = (np.asarray(pixels, "f4") / 255 - spread(card["pixel_mean"])) / spread(card["pixel_std"])
    for op in card["forward"]:
        x = step(x, op, lambda part: tensors[op[part]] if op[part] else np.float32(0))
    return x


def self_check(card, tensors):
    """Largest difference from the embedding that the lab wrote down for its synthetic image."""
    image = (7 * np.arange(np.prod(card["input"])) % 256).reshape(1, *card["input"])
    return float(np.abs(embed(card, tensors, image)[0] - card["self_check"]["embedding"]).max())


if __name__ == "__main__":
    card, tensors = load(sys.argv[1])
    worst = self_check(card, tensors)
    print(f"{card['model']}: {card['dims']} dims, self-check differs by {worst:.1e}")
    sys.exit(worst >= 1e-4)
