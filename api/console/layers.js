// The layers on the map: read from the API, drawn by their styles, one pane each.

import { describe, title } from "./describe.js";
import { markOf, textMark } from "./marks.js";
import { beside } from "./offset.js";
import { BASE, ask } from "./service.js";

const PAGE = 5000;
const PLACE_RADIUS_PX = 5;
const BADGES = "badges";
const WIDER = { primary: 2, secondary: 1.7, tertiary: 1.4, footway: 0.5, service: 0.6 };
const GEOMETRY_ONLY = new Set(["boundary", "grounds"]);

export async function readLayer(name) {
  const features = [];
  let url = `${BASE}/ogc/collections/${name}/items?limit=${PAGE}`;
  while (url) {
    const answer = await ask(url, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const page = await answer.json();
    features.push(...page.features.filter((feature) => feature.geometry !== null));
    url = page.links.find((link) => link.rel === "next")?.href;
  }
  return features;
}

export class MapLayer {
  constructor(map, style, order, { words, unitName }) {
    Object.assign(this, { map, style, words, unitName, wanted: style.visible, features: null });
    this.group = L.featureGroup();
    this.pane = map.createPane(style.name);
    this.pane.style.zIndex = String(400 + order);
    this.renderer = L.svg({ pane: style.name, padding: 0.6 });
    // Numbers stand above every layer, so that no sign hides the number of what lies below it.
    this.badges = map.getPane(BADGES) ?? map.createPane(BADGES);
    this.badges.style.zIndex = "430";
    map.on("zoomend", () => this.refresh());
  }

  get far() {
    return this.map.getZoom() < this.style.from_zoom;
  }

  refresh() {
    if (this.wanted && !this.far && this.features) this.group.addTo(this.map);
    else this.group.remove();
  }

  draw(features, colourOf, chosen) {
    this.features = features;
    this.colourOf = colourOf;
    this.greatest = Math.max(0, ...features.map(({ properties }) => properties[this.style.graded] ?? 0));
    this.only(chosen);
  }

  only(chosen) {
    const read = this.group.getLayers().find((layer) => layer.isPopupOpen?.());
    const place = read?.getPopup().getLatLng();
    this.group.clearLayers();
    const { style } = this;
    const features = this.features.filter(chosen);
    const drawn = L.geoJSON(style.shape === "stop" ? visits(features) : features, {
      pane: style.name,
      renderer: this.renderer,
      interactive: !GEOMETRY_ONLY.has(style.name),
      style: (feature) => this.path(feature),
      pointToLayer: (feature, place) => this.point(feature, place),
    }).getLayers();
    const touring = style.name === "patrol_tours";
    drawn.forEach((layer, index) => this.add(touring ? beside(layer, index, drawn.length) : layer));
    this.refresh();
    if (read !== undefined) this.reopen(read.feature.id, place);
  }

  // What somebody reads stays open where it was, and the map where it is.
  reopen(id, place) {
    const layer = this.group.getLayers().find(({ feature }) => holds(feature, id));
    if (layer === undefined || !this.map.hasLayer(this.group)) return;
    const { options } = layer.getPopup();
    options.autoPan = false;
    layer.openPopup(place);
    options.autoPan = true;
  }

  add(layer) {
    this.group.addLayer(layer);
    if (GEOMETRY_ONLY.has(this.style.name)) return;
    this.tell(layer, layer.feature);
    if (this.style.name !== "hotspots") return;
    const rank = textMark("rank", layer.feature.properties.rank, this.style.colour);
    const badge = this.marker(layer.feature, middle(layer), rank, BADGES);
    this.tell(badge, layer.feature);
    this.group.addLayer(badge);
  }

  tell(layer, feature) {
    const name = this.style.name;
    layer.bindPopup(() => describe(name, feature, this.words, this.unitName), { maxWidth: 300, autoPanPadding: [24, 24] });
    layer.on("add", () => label(layer, title(name, feature.properties, this.words)));
  }

  path(feature) {
    const { style } = this;
    const colour = this.colourOf?.(feature) ?? style.colour;
    const filled = { color: colour, fillColor: colour, fillOpacity: style.opacity };
    if (style.graded) {
      const share = this.greatest > 0 ? feature.properties[style.graded] / this.greatest : 0;
      return { ...filled, weight: 0.8, opacity: 0.5, fillOpacity: style.opacity * share };
    }
    if (style.shape === "area") return { ...filled, weight: 0.8, opacity: Math.min(1, style.opacity * 2) };
    if (style.shape === "dot") return { ...filled, weight: 1 };
    if (style.shape === "place") return { ...filled, color: "#ffffff", weight: 1 };
    const wider = style.name === "streets" ? WIDER[feature.properties.street_class] ?? 1 : 1;
    return {
      color: colour, weight: style.width * wider, opacity: style.opacity, fill: false,
      dashArray: style.dash || null, lineCap: style.dash ? "butt" : "round", lineJoin: "round",
    };
  }

  point(feature, place) {
    const { style } = this;
    const mark = markOf(style, feature, this.colourOf?.(feature) ?? style.colour);
    if (mark !== null) return this.marker(feature, place, mark);
    const radius = style.shape === "place" ? PLACE_RADIUS_PX : style.width;
    return L.circleMarker(place, { pane: style.name, renderer: this.renderer, radius });
  }

  marker(feature, place, mark, pane = this.style.name) {
    const icon = L.divIcon({ className: `icon-${this.style.shape}`, html: mark, iconSize: [26, 26] });
    const marker = L.marker(place, { pane, icon, riseOnHover: true });
    marker.feature = feature;
    return marker;
  }

  speak() {
    this.group.eachLayer((layer) => {
      if (!GEOMETRY_ONLY.has(this.style.name)) label(layer, title(this.style.name, layer.feature.properties, this.words));
    });
  }

  show(id) {
    const shown = this.group.getLayers().filter((layer) => holds(layer.feature, id));
    const marker = shown.find((layer) => layer.getLatLng);
    const line = shown.find((layer) => layer.getBounds);
    if (line) this.map.fitBounds(line.getBounds(), { padding: [48, 48], maxZoom: 18 });
    else if (marker) this.map.setView(marker.getLatLng(), Math.max(this.map.getZoom(), 18));
    return marker ?? line;
  }
}

// A unit comes back to a place in the night: one sign stands for all visits.
function visits(stops) {
  const places = new Map();
  for (const stop of stops) {
    const key = stop.geometry.coordinates.join();
    const place = places.get(key) ?? { ...stop, visits: [] };
    place.visits.push(stop);
    places.set(key, place);
  }
  return [...places.values()];
}

function holds(feature, id) {
  return feature.id === id || (feature.visits ?? []).some((stop) => stop.id === id);
}

function label(layer, text) {
  const node = layer.getElement?.();
  if (node?.classList.contains("leaflet-marker-icon")) node.setAttribute("aria-label", text);
}

function middle(line) {
  const parts = line.getLatLngs();
  const nested = Array.isArray(parts[0]) ? parts : [parts];
  const longest = nested.reduce((a, b) => (b.length > a.length ? b : a));
  const spot = Math.floor((longest.length - 1) / 2);
  const [start, end] = [longest[spot], longest[Math.min(spot + 1, longest.length - 1)]];
  return L.latLng((start.lat + end.lat) / 2, (start.lng + end.lng) / 2);
}
