// A calm walk, in any page: no key, no account, no cookie.
async function calmWalk(service, from, to) {
  const url = `${service}/public/v1/walk?from=${from.join(",")}&to=${to.join(",")}`;
  const answer = await fetch(url);
  const told = await answer.json();
  if (answer.status === 429) throw new Error(`Ask again in ${answer.headers.get("Retry-After")} s`);
  if (!answer.ok) throw new Error(told.detail);
  const calm = told.features.find((feature) => feature.id === "calm");
  return { line: calm.geometry.coordinates, reasons: calm.properties.reasons_th };
}

// The streets to walk, with the colour of each for a light map.
async function streetsToWalk(service) {
  const told = await (await fetch(`${service}/public/v1/safe-areas`)).json();
  const colour = new Map(told.bands.map((band) => [band.band, band.colour_on_light]));
  return told.features.map((street) => ({
    name: street.properties.name_th,
    colour: colour.get(street.properties.band),
    lines: street.geometry.coordinates,
  }));
}
