-- Layers and products of zones. A feature keeps its ready GeoJSON text beside its geometry, so that
-- answering a request copies text; the R-Tree finds candidates by their bounds.
CREATE TABLE layers (
  id INTEGER PRIMARY KEY,
  zone TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('layer', 'product')),
  version TEXT NOT NULL,
  created_at TEXT NOT NULL,
  provenance TEXT NOT NULL,
  count INTEGER NOT NULL,
  public_count INTEGER NOT NULL,
  west REAL,
  south REAL,
  east REAL,
  north REAL,
  UNIQUE (zone, name)
) STRICT;

CREATE TABLE features (
  id INTEGER PRIMARY KEY,
  layer_id INTEGER NOT NULL REFERENCES layers (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  feature_id TEXT NOT NULL,
  withheld INTEGER NOT NULL CHECK (withheld IN (0, 1)),
  west REAL,
  south REAL,
  east REAL,
  north REAL,
  geometry BLOB,
  feature TEXT NOT NULL,
  UNIQUE (layer_id, feature_id),
  UNIQUE (layer_id, position)
) STRICT;

CREATE INDEX features_served ON features (layer_id, withheld, position);

CREATE VIRTUAL TABLE feature_bounds USING rtree (id, west, east, south, north);

CREATE TRIGGER features_bounded AFTER INSERT ON features WHEN new.west IS NOT NULL BEGIN
  INSERT INTO feature_bounds VALUES (new.id, new.west, new.east, new.south, new.north);
END;

CREATE TRIGGER features_unbounded AFTER DELETE ON features BEGIN
  DELETE FROM feature_bounds WHERE id = old.id;
END;
