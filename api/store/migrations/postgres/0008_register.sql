-- What only the register of cameras may hold is taken out of stores that an earlier version filled.
CREATE TEMP TABLE unheld ON COMMIT DROP AS
  SELECT DISTINCT features.id, layer_id FROM features
  JOIN layers ON layers.id = layer_id AND layers.name IN ('cameras', 'fields_of_view')
  CROSS JOIN json_object_keys((feature::json) -> 'properties') AS property
  WHERE property IN
    ('audience', 'consent', 'consent_until', 'consented_on', 'contact', 'retention_days');

CREATE FUNCTION pg_temp.held(feature json) RETURNS text LANGUAGE sql AS $$
  SELECT '{"type":"Feature","id":' || (feature -> 'id')::text || ',"geometry":'
    || (feature -> 'geometry')::text || ',"properties":{' || coalesce(string_agg(
      to_json(property.key)::text || ':' || property.value::text, ',' ORDER BY property.number), '')
    || '}}'
  FROM json_each(feature -> 'properties') WITH ORDINALITY AS property (key, value, number)
  WHERE property.key NOT IN
    ('audience', 'consent', 'consent_until', 'consented_on', 'contact', 'retention_days')
$$;

UPDATE features SET feature = pg_temp.held(feature::json),
  public_feature = CASE WHEN public_feature IS NOT NULL THEN pg_temp.held(public_feature::json) END
  WHERE id IN (SELECT id FROM unheld);
UPDATE features SET version = left(encode(sha256(convert_to(feature, 'UTF8')), 'hex'), 20),
  public_version = left(encode(sha256(convert_to(public_feature, 'UTF8')), 'hex'), 20)
  WHERE id IN (SELECT id FROM unheld);
UPDATE layers SET version = left(encode(sha256(convert_to(version || ' held', 'UTF8')), 'hex'), 20),
  public_version = left(encode(sha256(convert_to(public_version || ' held', 'UTF8')), 'hex'), 20)
  WHERE id IN (SELECT layer_id FROM unheld);
DROP FUNCTION pg_temp.held;
DROP TABLE unheld;

DELETE FROM features WHERE layer_id IN (SELECT id FROM layers WHERE name = 'register');
DELETE FROM layers WHERE name = 'register';
