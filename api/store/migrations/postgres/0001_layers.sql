-- Layers and products of zones, as in the SQLite store; geometries stand beside their ready GeoJSON
-- text, with an index, so that desktop tools may also read the tables as they are.
CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;

CREATE TABLE revision (number bigint NOT NULL);
INSERT INTO revision VALUES (0);

CREATE TABLE layers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  zone text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('layer', 'product')),
  version text NOT NULL,
  created_at text NOT NULL,
  provenance text NOT NULL,
  count bigint NOT NULL,
  public_count bigint NOT NULL,
  west double precision,
  south double precision,
  east double precision,
  north double precision,
  UNIQUE (zone, name)
);

CREATE TABLE features (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  layer_id bigint NOT NULL REFERENCES layers (id) ON DELETE CASCADE,
  position bigint NOT NULL,
  feature_id text COLLATE "C" NOT NULL,
  withheld integer NOT NULL CHECK (withheld IN (0, 1)),
  west double precision,
  south double precision,
  east double precision,
  north double precision,
  geometry geometry(Geometry, 4326),
  feature text NOT NULL,
  UNIQUE (layer_id, feature_id),
  UNIQUE (layer_id, position)
);

CREATE INDEX features_served ON features (layer_id, withheld, position);
CREATE INDEX features_placed ON features USING gist (geometry);
