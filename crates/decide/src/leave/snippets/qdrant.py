"""Applies a bridge between two embedding models that Upgrade Lab fitted, for Qdrant.

Needs NumPy, qdrant-client, and bridge_numpy.py beside it. The stored vectors are taken to be in the collection documents.
"""
# From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
# @if queries
# Every new query is mapped before it searches the collection of "@TO@", which stays as it is.
# @end
# @if gallery
# Every stored vector of "@FROM@" is mapped once, into another collection. Queries by "@TO@" then search that, as they are.
# @end
# @if gallery
import numpy as np
from qdrant_client import models

# @end
from bridge_numpy import apply, load

BRIDGE = load()


# @if queries
def search(client, query, places=10, collection="documents"):
    """The points nearest to a query by FROM. The collection compares by the cosine."""
    mapped = apply(BRIDGE, query).tolist()
    return client.query_points(collection_name=collection, query=mapped, limit=places).points
# @end
# @if gallery
def rewrite(client, collection="documents", into="documents_bridged", batch=256):
    """Maps every stored vector once, into a collection that compares by the cosine."""
    size = models.VectorParams(size=@TO_DIMS@, distance=models.Distance.COSINE)
    client.create_collection(collection_name=into, vectors_config=size)
    offset = None
    while True:
        points, offset = client.scroll(
            collection_name=collection, limit=batch, offset=offset, with_payload=True, with_vectors=True
        )
        if points:
            mapped = apply(BRIDGE, np.array([point.vector for point in points]))
            moved = [
                models.PointStruct(id=point.id, vector=row.tolist(), payload=point.payload)
                for point, row in zip(points, mapped)
            ]
            client.upsert(collection_name=into, points=moved)
        if offset is None:
            return


def search(client, query, places=10, collection="documents_bridged"):
    """The points nearest to a query by TO, once they were rewritten."""
    query = np.asarray(query, np.float32).tolist()
    return client.query_points(collection_name=collection, query=query, limit=places).points
# @end
