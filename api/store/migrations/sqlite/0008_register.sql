-- What only the register of cameras may hold is taken out of stores that an earlier version filled.
CREATE TEMP TABLE unheld AS
  SELECT DISTINCT features.id, layer_id FROM features
  JOIN layers ON layers.id = layer_id AND layers.name IN ('cameras', 'fields_of_view')
  JOIN json_each(features.feature, '$.properties') AS property ON property.key IN
    ('audience', 'consent', 'consent_until', 'consented_on', 'contact', 'retention_days');

UPDATE features SET
  feature = json_remove(feature, '$.properties.audience', '$.properties.consent',
    '$.properties.consent_until', '$.properties.consented_on', '$.properties.contact',
    '$.properties.retention_days'),
  public_feature = json_remove(public_feature, '$.properties.audience', '$.properties.consent',
    '$.properties.consent_until', '$.properties.consented_on', '$.properties.contact',
    '$.properties.retention_days')
  WHERE id IN (SELECT id FROM unheld);
UPDATE features SET version = fingerprint(feature),
  public_version = CASE WHEN public_feature IS NOT NULL THEN fingerprint(public_feature) END
  WHERE id IN (SELECT id FROM unheld);
UPDATE layers SET version = fingerprint(version || ' held'),
  public_version = fingerprint(public_version || ' held')
  WHERE id IN (SELECT layer_id FROM unheld);
DROP TABLE unheld;

DELETE FROM features WHERE layer_id IN (SELECT id FROM layers WHERE name = 'register');
DELETE FROM layers WHERE name = 'register';
