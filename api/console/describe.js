// What the page says about a feature: its name, its fields and whether it is synthetic.

import { element } from "./dom.js";

const FIELDS = {
  streets: ["street_class", "oneway", "width_m", "grade"],
  buildings: ["height_m"],
  places: ["place_kind"],
  cameras: ["owner_kind", "status", "azimuth_deg", "fov_deg", "range_m"],
  fields_of_view: [],
  lamps: ["lit", "height_m"],
  sos_points: [],
  grounds: [],
  boundary: [],
  blind_spots: ["length_m"],
  blind_after: ["length_m"],
  hotspots: ["incidents", "share", "length_m"],
  hotspot_stretches: ["incidents", "length_m"],
  forecast_cells: ["expected"],
  camera_sites: ["azimuth_deg", "fov_deg", "range_m", "gain_m"],
  site_fields_of_view: [],
  patrol_tours: ["starts_at", "ends_at", "length_m", "stops"],
  patrol_stops: ["reason"],
  beats: ["length_m", "load_share", "risk_share"],
};

const RANKED = {
  blind_after: "map.blind_spot",
  blind_spots: "map.blind_spot",
  hotspots: "map.hotspot",
  camera_sites: "map.camera_site",
};

const COMPASS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

export function title(layer, properties, words) {
  const name = words.either("name", properties);
  if (layer in RANKED) return words.text(RANKED[layer], { rank: properties.rank, name: words.place(properties) });
  if (layer === "streets" || layer === "patrol_stops") return words.place(properties);
  if (layer === "cameras") return words.either("place", properties) || words.text("map.camera");
  if (layer === "fields_of_view") {
    const place = words.either("place", properties);
    return place ? words.text("map.seen_from", { place }) : words.text("layer.fields_of_view");
  }
  if (layer === "site_fields_of_view") return words.text("map.seen_from_site", { rank: properties.rank });
  if (layer === "forecast_cells") return words.text("map.forecast_cell");
  if (layer === "hotspot_stretches") return words.place(properties);
  if (layer === "lamps") return words.text("map.lamp");
  if (layer === "beats") return words.text("map.beat", { name, between: words.either("between", properties) });
  if (layer === "grounds") return known("ground_kind", properties.kind, words);
  return name || words.text(`layer.${layer}`);
}

// Says when units visit a place: one line a visit.
function timetable(visits, words, unitName) {
  const lines = visits.map(({ properties }) => {
    const [start, end] = [properties.arrives_at, properties.leaves_at].map((instant) => words.clock(instant));
    return element("li", {}, words.text("map.visit", { start, end, unit: unitName(properties.unit) }));
  });
  return element("ul", { class: "visits" }, ...lines);
}

export function describe(layer, feature, words, unitName) {
  const { properties } = feature;
  const rows = FIELDS[layer].flatMap((field) => {
    const value = told(field, properties, words);
    if (value === "") return [];
    const label = field === "place_kind" ? "kind" : field;
    return [element("dt", {}, words.text(`field.${label}`)), element("dd", {}, value)];
  });
  return element(
    "div",
    { class: "popup" },
    element("h3", {}, title(layer, properties, words)),
    element("dl", {}, ...rows),
    feature.visits ? timetable(feature.visits, words, unitName) : null,
    properties.synthetic ? element("span", { class: "tag" }, words.text("notice.synthetic")) : null,
  );
}

function told(field, properties, words) {
  if (field === "reason") return words.either("reason", properties);
  if (field === "place_kind") return known("place_kind", properties.kind, words);
  const value = properties[field];
  if (value === null || value === undefined || value === "") return "";
  if (field.endsWith("_m")) return words.metres(value, field === "width_m" ? 1 : 0);
  if (field === "azimuth_deg") return facing(value, words);
  if (field === "fov_deg") return words.text("unit.degrees", { value: words.number(value) });
  if (field.endsWith("_at")) return words.clock(value);
  if (field.endsWith("share")) return words.percent(value);
  if (typeof value === "boolean") return words.text(value ? "value.yes" : "value.no");
  if (typeof value === "number") return words.number(value, field === "expected" ? 2 : 0);
  return known(field, value, words);
}

function facing(azimuth, words) {
  const point = COMPASS[Math.round(azimuth / 45) % 8];
  const degrees = words.number(azimuth);
  return words.text("map.facing", { point: words.text(`compass.${point}`), degrees });
}

function known(section, value, words) {
  const key = `${section}.${value}`;
  return words.has(key) ? words.text(key) : String(value);
}
