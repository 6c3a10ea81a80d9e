"""Applies a bridge between two embedding models that Upgrade Lab fitted, for FAISS. Needs NumPy and faiss."""
# From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
# @if queries
# Every new query is mapped before it searches the index of "@TO@", which stays as it is: rows of length 1, compared by
# the inner product (or by the distance, which then ranks alike).
# @end
# @if gallery
# Every stored vector of "@FROM@" is mapped once, into another index. Queries by "@TO@" then search that, as they are.
# An IndexPreTransform would not do: it maps queries as well.
# @end
# @if queries affine
# It takes weight.npy and bias.npy beside it.
import pathlib
# @end
# @if gallery
# It takes bridge_numpy.py beside it.
# @end
# @if queries steps
# It takes bridge_numpy.py beside it.
# @end

import faiss
import numpy as np
# @if gallery

from bridge_numpy import apply, load

BRIDGE = load()
# @end
# @if queries steps

from bridge_numpy import apply, load

BRIDGE = load()
# @end


# @if queries affine
def bridged(index, folder=pathlib.Path(__file__).parent):
    """The index of TO, to be searched with queries by FROM. A row that is added to it is mapped, too."""
    weight, bias = np.load(folder / "weight.npy"), np.load(folder / "bias.npy")
    linear = faiss.LinearTransform(weight.shape[0], weight.shape[1], True)
    faiss.copy_array_to_vector(np.ascontiguousarray(weight.T).ravel(), linear.A)
    faiss.copy_array_to_vector(bias, linear.b)
    linear.is_trained = True
    # From the last to the first: scaled to length 1, mapped, scaled again.
    index = faiss.IndexPreTransform(faiss.NormalizationTransform(weight.shape[1], 2.0), index)
    index.prepend_transform(linear)
    index.prepend_transform(faiss.NormalizationTransform(weight.shape[0], 2.0))
    return index


def search(index, queries, places=10):
    """Scores and places of the rows of the index of TO that are nearest to queries by FROM."""
    return bridged(index).search(np.ascontiguousarray(queries, np.float32), places)
# @end
# @if queries steps
def search(index, queries, places=10):
    """Scores and places of the rows of the index of TO that are nearest to queries by FROM."""
    mapped = apply(BRIDGE, np.atleast_2d(queries))
    faiss.normalize_L2(mapped)
    return index.search(mapped, places)
# @end
# @if gallery
def rewritten(index, batch=65536):
    """An index of the mapped rows of the index of FROM, in the same places."""
    new = faiss.IndexFlatIP(@TO_DIMS@)
    for start in range(0, index.ntotal, batch):
        mapped = apply(BRIDGE, index.reconstruct_n(start, min(batch, index.ntotal - start)))
        faiss.normalize_L2(mapped)
        new.add(mapped)
    return new


def search(index, queries, places=10):
    """Scores and places of the rows of the rewritten index that are nearest to queries by TO."""
    queries = np.array(np.atleast_2d(queries), np.float32)
    faiss.normalize_L2(queries)
    return index.search(queries, places)
# @end
