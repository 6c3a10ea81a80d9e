-- Applies a bridge between two embedding models that Upgrade Lab fitted, inside PostgreSQL with pgvector 0.7 or newer.
-- From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
-- @if queries
-- Every new query is mapped before it searches the stored vectors of "@TO@", which stay as they are.
-- @end
-- @if gallery
-- Every stored vector of "@FROM@" is mapped once. Queries by "@TO@" then search what came out, as they are.
-- @end
--
-- Run it with psql in the folder of weight.npy and bias.npy; Python with NumPy turns them into what \copy reads.
-- The stored vectors are taken to be in documents (id, embedding).

CREATE EXTENSION IF NOT EXISTS vector;

-- A row for each number of a mapped vector: what the numbers that come in are multiplied by, and what is added.
CREATE TABLE bridge_numbers (
    place integer PRIMARY KEY,
    weights vector(@FROM_DIMS@) NOT NULL,
    bias double precision NOT NULL
);
\! python3 -c "import numpy as n; open('bridge.tsv', 'w').writelines('%d\t%s\t%r\n' % (i, list(map(float, w)), float(b)) for i, (w, b) in enumerate(zip(n.load('weight.npy').T, n.load('bias.npy'))))"
\copy bridge_numbers FROM 'bridge.tsv'

CREATE FUNCTION bridge(embedding vector) RETURNS vector LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    -- <#> is the inner product with its sign changed. The bridge was fitted on vectors of length 1.
    SELECT array_agg(bias - (weights <#> l2_normalize(embedding)) ORDER BY place)::vector(@TO_DIMS@) FROM bridge_numbers
$$;
COMMENT ON FUNCTION bridge(vector) IS 'from @FROM@ to @TO@, direction @DIRECTION@, fitted by Upgrade Lab';

-- @if queries
-- $1 is a query by "@FROM@". As a subquery it is mapped once, and an index on embedding vector_cosine_ops can serve it.
PREPARE search (vector) AS
    SELECT id, 1 - (embedding <=> (SELECT bridge($1))) AS cosine
    FROM documents
    ORDER BY embedding <=> (SELECT bridge($1))
    LIMIT 10;
-- @end
-- @if gallery
ALTER TABLE documents ADD COLUMN bridged vector(@TO_DIMS@);
UPDATE documents SET bridged = bridge(embedding);
-- @if small
-- It finds most of the nearest, not all: SET hnsw.ef_search = 200 (40 unless set) finds more of them, and takes longer.
CREATE INDEX ON documents USING hnsw (bridged vector_cosine_ops);
-- @end

-- $1 is a query by "@TO@".
PREPARE search (vector) AS
    SELECT id, 1 - (bridged <=> $1) AS cosine
    FROM documents
    ORDER BY bridged <=> $1
    LIMIT 10;
-- @end
