-- What the public may see of a feature stands beside everything that is known of it; versions of
-- features and positions that are never given twice; and the events, which nothing can change.
DROP INDEX features_served;

ALTER TABLE features ADD COLUMN public_feature TEXT;
ALTER TABLE features ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE features ADD COLUMN public_version TEXT;
UPDATE features SET position = -(position + 1), version = fingerprint(feature);
UPDATE features SET position = -position;
UPDATE features SET public_feature = feature, public_version = version WHERE withheld = 0;
ALTER TABLE features DROP COLUMN withheld;

CREATE INDEX features_public ON features (layer_id, position) WHERE public_feature IS NOT NULL;

CREATE TRIGGER features_rebounded AFTER UPDATE OF west, south, east, north ON features BEGIN
  DELETE FROM feature_bounds WHERE id = new.id;
  INSERT INTO feature_bounds SELECT new.id, new.west, new.east, new.south, new.north
    WHERE new.west IS NOT NULL;
END;

ALTER TABLE layers ADD COLUMN public_version TEXT NOT NULL DEFAULT '';
ALTER TABLE layers ADD COLUMN next_position INTEGER NOT NULL DEFAULT 1;
UPDATE layers SET public_version = version, next_position = 1 + coalesce(
  (SELECT max(position) FROM features WHERE layer_id = layers.id), 0);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  zone TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE INDEX events_of_zone ON events (zone, seq);

CREATE TRIGGER events_unchanged BEFORE UPDATE ON events BEGIN
  SELECT raise(ABORT, 'an event cannot be changed');
END;

CREATE TRIGGER events_undeleted BEFORE DELETE ON events BEGIN
  SELECT raise(ABORT, 'an event cannot be deleted');
END;
