"""Applies a bridge between two embedding models that Upgrade Lab fitted, for Qdrant's REST interface.

Needs NumPy, and bridge_numpy.py beside it. The stored vectors are taken to be in the collection documents.
"""
# From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
# @if queries
# Every new query is mapped before it searches the collection of "@TO@", which stays as it is.
# @end
# @if gallery
# Every stored vector of "@FROM@" is mapped once, into another collection. Queries by "@TO@" then search that, as they are.
# @end
import json
import urllib.request

import numpy as np

from bridge_numpy import apply, load

BRIDGE = load()
QDRANT = "http://localhost:6333"


def call(method, path, body):
    """What Qdrant answers to a JSON body."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(QDRANT + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]


# @if queries
def search(query, places=10):
    """The points nearest to a query by FROM. The collection compares by the cosine."""
    mapped = np.asarray(apply(BRIDGE, query), np.float32).tolist()
    body = {"query": mapped, "limit": places, "with_payload": True}
    return call("POST", "/collections/documents/points/query", body)["points"]
# @end
# @if gallery
def rewrite(batch=256):
    """Maps every stored vector once, into a collection that compares by the cosine."""
    call("PUT", "/collections/documents_bridged", {"vectors": {"size": @TO_DIMS@, "distance": "Cosine"}})
    offset = None
    while True:
        body = {"limit": batch, "offset": offset, "with_payload": True, "with_vector": True}
        page = call("POST", "/collections/documents/points/scroll", body)
        points, offset = page["points"], page["next_page_offset"]
        if points:
            mapped = apply(BRIDGE, np.array([point["vector"] for point in points])).tolist()
            moved = [
                {"id": point["id"], "vector": row, "payload": point["payload"]} for point, row in zip(points, mapped)
            ]
            call("PUT", "/collections/documents_bridged/points?wait=true", {"points": moved})
        if offset is None:
            return


def search(query, places=10):
    """The points nearest to a query by TO, once they were rewritten."""
    body = {"query": np.asarray(query, np.float32).tolist(), "limit": places, "with_payload": True}
    return call("POST", "/collections/documents_bridged/points/query", body)["points"]
# @end
