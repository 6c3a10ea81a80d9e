"""Applies a bridge between two embedding models that Upgrade Lab fitted, before PostgreSQL with pgvector sees vectors.

Needs NumPy, psycopg, and bridge_numpy.py beside it. The stored vectors are taken to be in documents (id, embedding).
"""
# From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
# @if queries
# Every new query is mapped before it searches the stored vectors of "@TO@", which stay as they are.
# @end
# @if gallery
# Every stored vector of "@FROM@" is mapped once. Queries by "@TO@" then search what came out, as they are.
# @end
import json

import numpy as np

from bridge_numpy import apply, load

BRIDGE = load()


def text(row):
    """A vector as pgvector reads it."""
    return json.dumps(np.asarray(row, np.float32).tolist())


# @if queries
def search(connection, query, places=10):
    """Ids and cosines of the documents nearest to a query by FROM."""
    mapped = text(apply(BRIDGE, query))
    return connection.execute(
        "SELECT id, 1 - (embedding <=> %s::vector) FROM documents ORDER BY embedding <=> %s::vector LIMIT %s",
        (mapped, mapped, places),
    ).fetchall()
# @end
# @if gallery
def rewrite(connection, batch=1000):
    """Maps every stored vector once, into the column bridged."""
    connection.execute("ALTER TABLE documents ADD COLUMN bridged vector(@TO_DIMS@)")
    ids = [row[0] for row in connection.execute("SELECT id FROM documents WHERE embedding IS NOT NULL").fetchall()]
    for start in range(0, len(ids), batch):
        stored = connection.execute(
            "SELECT id, embedding::text FROM documents WHERE id = ANY(%s)", (ids[start:start + batch],)
        ).fetchall()
        mapped = apply(BRIDGE, np.array([json.loads(embedding) for _, embedding in stored]))
        with connection.cursor() as cursor:
            changes = [(text(row), id) for row, (id, _) in zip(mapped, stored)]
            cursor.executemany("UPDATE documents SET bridged = %s::vector WHERE id = %s", changes)


def search(connection, query, places=10):
    """Ids and cosines of the documents nearest to a query by TO, once they were rewritten."""
    query = text(query)
    return connection.execute(
        "SELECT id, 1 - (bridged <=> %s::vector) FROM documents ORDER BY bridged <=> %s::vector LIMIT %s",
        (query, query, places),
    ).fetchall()
# @end
