"""Writes adapt.json, what the network of methods/adapt makes of five pictures, for the tests in net.rs.

Needs numpy alone. Nothing here follows the Rust code: convolutions are loops over pixels, all in double precision, and slopes are
central differences. Numbers that go in follow from their place in a row, so that both sides make them anew.
"""

import json
import pathlib

import numpy as np

CHANNELS, SIDE, BATCH, DIMS = 2, 8, 5, 3
EPSILON = 1e-5
WIDE = [1, CHANNELS, 2 * CHANNELS, 4 * CHANNELS]


def parameters():
    count = sum(9 * i * o + 2 * o for i, o in zip(WIDE, WIDE[1:])) + WIDE[-1] * (SIDE // 4) ** 2 * DIMS + DIMS
    return 0.4 * np.sin(0.7 * np.arange(count)) + 0.1


def stored():
    layers, at = [], 0
    for width in WIDE[1:]:
        mean = 0.1 * np.cos(np.arange(at, at + width))
        variance = 1 + 0.5 * np.sin(np.arange(at + width, at + 2 * width)) ** 2
        layers.append((mean, variance))
        at += 2 * width
    return layers


def pictures():
    return np.cos(0.11 * np.arange(BATCH * SIDE * SIDE) ** 1.2).reshape(BATCH, 1, SIDE, SIDE)


def convolve(maps, kernels):
    batch, _, height, width = maps.shape
    padded = np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.zeros((batch, len(kernels), height, width))
    for y in range(height):
        for x in range(width):
            patch = padded[:, :, y : y + 3, x : x + 3]
            out[:, :, y, x] = np.einsum("bchw,ochw->bo", patch, kernels)
    return out


def halve(maps):
    height, width = (side // 2 for side in maps.shape[2:])
    cut = maps[:, :, : 2 * height, : 2 * width]
    return cut.reshape(*maps.shape[:2], height, 2, width, 2).max(axis=(3, 5))


def forward(numbers, maps, alpha):
    """Embeddings with statistics `(1 - alpha) stored + alpha batch`."""
    left = list(numbers)

    def take(*shape):
        count = int(np.prod(shape))
        taken, left[:] = left[:count], left[count:]
        return np.array(taken).reshape(shape)

    for at, (mean, variance) in enumerate(stored()):
        inputs, outputs = WIDE[at], WIDE[at + 1]
        maps = convolve(maps, take(outputs, inputs, 3, 3))
        gamma, beta = take(outputs), take(outputs)
        mean = (1 - alpha) * mean + alpha * maps.mean(axis=(0, 2, 3))
        variance = (1 - alpha) * variance + alpha * maps.var(axis=(0, 2, 3))
        by_channel = lambda values: values[None, :, None, None]
        maps = by_channel(gamma) * (maps - by_channel(mean)) / np.sqrt(by_channel(variance) + EPSILON) + by_channel(beta)
        maps = np.maximum(maps, 0)
        if at < 2:
            maps = halve(maps)
    rows = maps.reshape(BATCH, -1)
    return rows @ take(rows.shape[1], DIMS) + take(DIMS)


def entropy(numbers):
    """Mean entropy of the softmax of three times the embeddings by statistics of the batch."""
    scores = 3 * forward(numbers, pictures(), 1.0)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return -(shares * np.log(shares)).sum(axis=1).mean()


def slope(numbers, place, step=1e-6):
    ends = []
    for sign in (1, -1):
        moved = numbers.copy()
        moved[place] += sign * step
        ends.append(entropy(moved))
    return (ends[0] - ends[1]) / (2 * step)


def main():
    numbers = parameters()
    places, at = [], 0
    for inputs, outputs in zip(WIDE, WIDE[1:]):
        at += 9 * inputs * outputs
        places.append([list(range(at, at + outputs)), list(range(at + outputs, at + 2 * outputs))])
        at += 2 * outputs
    found = {
        "embeddings": {str(alpha): forward(numbers, pictures(), alpha).ravel().tolist() for alpha in (0.0, 0.3, 1.0)},
        "entropy": entropy(numbers),
        "slopes": [[[slope(numbers, place) for place in part] for part in block] for block in places],
    }
    path = pathlib.Path(__file__).with_name("adapt.json")
    path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
