// The signs on the map, which are the signs of the legend as well.

import { element, svgElement } from "./dom.js";

const BROKEN = "#1d2830";

export function cameraMark(properties, colour) {
  const down = properties.status === "down";
  const municipal = properties.owner_kind === "municipal";
  const wedge = svgElement("path", {
    d: "M0 0L-7 -11A13 13 0 0 1 7 -11Z", fill: colour, opacity: down ? 0.12 : 0.45,
  });
  const body = svgElement("circle", {
    r: municipal && !down ? 4 : 4.5,
    fill: municipal || down ? "#ffffff" : colour,
    stroke: down ? BROKEN : municipal ? colour : "#ffffff",
    "stroke-width": municipal && !down ? 3 : 1.5,
  });
  const cross = svgElement("path", { d: "M-5 -5L5 5M5 -5L-5 5", stroke: BROKEN, "stroke-width": 2.5 });
  const turned = svgElement("g", { transform: `rotate(${properties.azimuth_deg ?? 0})` }, wedge);
  return svgElement(
    "svg",
    { class: "mark camera", width: 26, height: 26, viewBox: "-13 -13 26 26", "aria-hidden": "true" },
    turned, body, ...(down ? [cross] : []),
  );
}

export function textMark(kind, text, colour) {
  const mark = element("span", { class: `mark ${kind}` }, String(text));
  if (kind === "rank") mark.style.borderColor = colour;
  else mark.style.backgroundColor = colour;
  return mark;
}

export function markOf(style, { properties, visits = [null] }, colour) {
  if (style.shape === "camera") return cameraMark(properties, colour);
  if (style.shape === "site") return textMark("site", properties.rank, colour);
  if (style.shape === "stop") return textMark("stop", visits.length, colour);
  if (style.shape === "sos") return textMark("sos", "SOS", colour);
  return null;
}

export function legendMark(style, colour = style.colour) {
  const properties = { rank: 1, azimuth_deg: 0, owner_kind: "programme", status: "up" };
  const mark = markOf(style, { properties }, colour);
  if (mark !== null) return element("span", { class: "key" }, mark);
  if (style.shape === "dot" || style.shape === "place") {
    return element("span", { class: "key" }, textMark("dot", "", colour));
  }
  const line = style.shape === "line" || style.shape === "beat";
  const shape = line
    ? svgElement("path", {
        d: "M1 13H25", stroke: colour, "stroke-width": Math.min(style.width, 8),
        "stroke-dasharray": style.dash || null, opacity: style.opacity,
      })
    : svgElement("rect", {
        x: 3, y: 5, width: 20, height: 16, fill: colour, "fill-opacity": style.opacity,
        stroke: colour, "stroke-width": 1,
      });
  return svgElement("svg", { class: "key", viewBox: "0 0 26 26", "aria-hidden": "true" }, shape);
}
