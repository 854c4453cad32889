// The panel beside the map: tonight's plan as a list, and the switches of the layers.

import { element } from "./dom.js";
import { cameraMark, legendMark, textMark } from "./marks.js";

const GROUPS = ["plan", "findings", "equipment", "base"];
const TOP = 10;

export function drawTonight(section, { layers, words, zone, seesPlan, account, tourColours, open, focus, focusOn, plan }) {
  if (!layers.has("patrol_tours")) {
    section.replaceChildren(seesPlan ? empty(words, zone, { account, plan }) : withheld(words, account));
    return;
  }
  const features = (name) => layers.get(name)?.features ?? [];
  const tours = features("patrol_tours");
  const hotspots = features("hotspots").slice(0, TOP);
  const sites = features("camera_sites");
  section.replaceChildren(
    figures(words, layers),
    ...list(words.text("layer.patrol_tours"), tours.map((tour) => tourEntry(tour, features("patrol_stops"), { words, tourColours, open, focus, focusOn }))),
    ...list(words.text("layer.hotspots"), hotspots.map((feature) => entry({
      sign: textMark("rank", feature.properties.rank, layers.get("hotspots").style.colour),
      name: words.place(feature.properties),
      detail: words.text("console.hotspot_detail", {
        incidents: words.number(feature.properties.incidents), share: words.percent(feature.properties.share),
      }),
      act: () => open("hotspots", feature.id),
    }))),
    ...list(words.text("layer.camera_sites"), sites.map((feature) => entry({
      sign: textMark("site", feature.properties.rank, layers.get("camera_sites").style.colour),
      name: words.place(feature.properties),
      detail: words.text("console.site_detail", { gain: words.metres(feature.properties.gain_m) }),
      act: () => open("camera_sites", feature.id),
    }))),
  );
}

// Who may plan is led to the form, and who may not is told who does; before a sign-in, how a plan is made.
function empty(words, zone, { account, plan }) {
  const command = () => [element("p", {}, words.text("console.run_plan")), element("code", {}, `smartzone plan --zone ${zone}`)];
  const button = () => [element("button", { type: "button", class: "main", onclick: plan }, words.text("jobs.plan_tonight"))];
  const others = () => [element("p", {}, words.text("jobs.others_plan"))];
  const way = account === null ? command : plan === null ? others : button;
  return element("div", { class: "empty" }, element("b", {}, words.text("console.no_plan")), ...way());
}

function withheld(words, account) {
  return element(
    "div",
    { class: "empty" },
    element("b", {}, words.text("console.withheld")),
    element("p", {}, account === null ? words.text("console.sign_in_first") : ""),
  );
}

// A figure of a layer that is not there, or that the reader may not see, is left out: a 0 would be untrue.
function figures(words, layers) {
  const figure = (key, name, tell) => {
    const features = layers.get(name)?.features ?? null;
    return features === null ? [] : [element("div", {}, element("dt", {}, words.text(key)), element("dd", {}, tell(features)))];
  };
  const count = (features) => words.number(features.length);
  const kilometres = (features) => {
    const metres = features.reduce((sum, feature) => sum + feature.properties.length_m, 0);
    return words.text("unit.kilometres", { value: words.number(metres / 1000, 1) });
  };
  return element(
    "dl",
    { class: "figures" },
    ...figure("layer.patrol_tours", "patrol_tours", count),
    ...figure("layer.hotspots", "hotspots", count),
    ...figure("console.blind_street", "blind_spots", kilometres),
  );
}

function list(heading, entries) {
  if (entries.length === 0) return [];
  return [element("h2", {}, heading), element("ul", { class: "entries" }, ...entries.map((node) => element("li", {}, ...[node].flat())))];
}

function entry({ sign, name, detail, act, expanded = null }) {
  return element(
    "button",
    { type: "button", class: "entry", onclick: act, "aria-expanded": expanded },
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    element("span", { class: "text" }, element("b", {}, name), detail === "" ? null : element("small", {}, detail)),
    expanded === null ? null : element("span", { class: "more", "aria-hidden": "true" }),
  );
}

function tourEntry(tour, stops, { words, tourColours, open, focus, focusOn }) {
  const { properties } = tour;
  const own = stops.filter((stop) => stop.properties.unit === properties.unit);
  const chosen = focus === properties.unit;
  const inner = element("ul", { class: "inner", hidden: !chosen }, ...own.map((stop) => element("li", {}, stopEntry(stop, { words, open }))));
  const swatch = textMark("stop", " ", tourColours(tour));
  const button = entry({
    sign: swatch,
    name: words.either("name", properties) || properties.unit,
    detail: words.text("console.tour_detail", {
      start: words.clock(properties.starts_at), end: words.clock(properties.ends_at),
      stops: words.number(own.length), length: words.text("unit.kilometres", { value: words.number(properties.length_m / 1000, 1) }),
    }),
    expanded: String(chosen),
    act: () => focusOn(chosen ? null : tour),
  });
  return [button, inner];
}

function stopEntry(stop, { words, open }) {
  const { properties } = stop;
  return element(
    "button",
    { type: "button", class: "entry", onclick: () => open("patrol_stops", stop.id) },
    element("time", { datetime: properties.arrives_at }, words.clock(properties.arrives_at)),
    element(
      "span",
      { class: "text" },
      words.place(properties),
      element("small", {}, words.either("reason", properties)),
    ),
  );
}

export function drawSwitches(section, { layers, words, switchLayer, tours, tourColours }) {
  const nodes = GROUPS.flatMap((group) => {
    const members = [...layers.values()].filter((layer) => layer.style.group === group).reverse();
    if (members.length === 0) return [];
    return [element("h2", {}, words.text(`group.${group}`)), ...members.map((layer) => row(layer, { words, switchLayer, tours, tourColours }))];
  });
  section.replaceChildren(...nodes);
}

function row(layer, { words, switchLayer, tours, tourColours }) {
  const { style } = layer;
  const box = element("input", {
    type: "checkbox", name: style.name, checked: layer.wanted,
    onchange: (event) => switchLayer(style.name, event.target.checked),
  });
  const hint = layer.far ? element("small", {}, words.text("console.zoom_to_see")) : null;
  return element(
    "div",
    {},
    element(
      "label",
      { class: "switch" },
      box,
      legendMark(style),
      element("span", { class: "text" }, words.text(`layer.${style.name}`), hint),
      layer.features === null ? null : element("span", { class: "count" }, words.number(layer.features.length)),
    ),
    keys(style, { words, tours, tourColours }),
  );
}

function keys(style, { words, tours, tourColours }) {
  const lines = {
    cameras: () => [
      [cameraMark({ owner_kind: "programme" }, style.colour), words.text("owner_kind.programme")],
      [cameraMark({ owner_kind: "municipal" }, style.colour), words.text("owner_kind.municipal")],
      [cameraMark({ status: "down" }, style.colour), words.text("status.down")],
    ],
    patrol_tours: () => tours.map((tour) => [legendMark(style, tourColours(tour)), words.either("name", tour.properties)]),
  }[style.name]?.() ?? [];
  if (lines.length === 0) return null;
  return element("ul", { class: "keys" }, ...lines.map(([mark, text]) => element("li", {}, mark, text)));
}
