"""Applies a bridge between two embedding models that Upgrade Lab fitted, for LanceDB.

Needs NumPy, lancedb, and bridge_numpy.py beside it. The stored vectors are taken to be in the column vector.
"""
# From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
# @if queries
# Every new query is mapped before it searches the table of "@TO@", which stays as it is.
# @end
# @if gallery
# Every stored vector of "@FROM@" is mapped once, into another table. Queries by "@TO@" then search that, as they are.
# @end
import numpy as np
# @if gallery
import pyarrow as pa
# @end

from bridge_numpy import apply, load

BRIDGE = load()


# @if queries
def search(table, query, places=10, column="vector"):
    """The rows of the table of TO nearest to a query by FROM."""
    mapped = np.asarray(apply(BRIDGE, query), np.float32)
    return table.search(mapped, vector_column_name=column).distance_type("cosine").limit(places).to_list()
# @end
# @if gallery
def rewrite(db, table="documents", into="documents_bridged", column="vector"):
    """Maps every stored vector once; gives the new table. The old one is held in memory meanwhile."""
    # Without the metadata: they can name the old model as what embeds queries.
    rows = db.open_table(table).to_arrow().replace_schema_metadata(None)
    numbers = rows[column].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    mapped = apply(BRIDGE, numbers.reshape(rows.num_rows, -1))
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(mapped.ravel()), @TO_DIMS@)
    return db.create_table(into, rows.set_column(rows.schema.get_field_index(column), column, vectors))


def search(table, query, places=10, column="vector"):
    """The rows of the rewritten table nearest to a query by TO."""
    query = np.asarray(query, np.float32)
    return table.search(query, vector_column_name=column).distance_type("cosine").limit(places).to_list()
# @end
