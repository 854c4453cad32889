// Names of streets along their streets, once there is room for them.

import { element } from "./dom.js";

const FROM_ZOOM = 16;
const REPEAT_PX = 420;
const CLEAR_PX = 18;
const STEP_PX = 14;

export class StreetNames {
  constructor(map, words) {
    Object.assign(this, { map, words, features: [], shown: true });
    this.pane = map.createPane("street-names");
    this.pane.style.zIndex = "440";
    this.pane.style.pointerEvents = "none";
    this.ruler = document.createElement("canvas").getContext("2d");
    map.on("moveend", () => this.draw());
  }

  set(features) {
    this.features = features;
    this.draw();
  }

  show(shown) {
    this.shown = shown;
    this.draw();
  }

  draw() {
    this.pane.replaceChildren();
    if (!this.shown || this.map.getZoom() < FROM_ZOOM) return;
    this.ruler.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
    const taken = [];
    for (const [name, lines] of this.named()) {
      const width = this.ruler.measureText(name).width + 6;
      for (const line of chains(lines)) this.place(name, width, line, taken);
    }
  }

  named() {
    const groups = new Map();
    for (const { geometry, properties } of this.features) {
      const name = this.words.either("name", properties);
      if (name === "") continue;
      const rank = ["primary", "secondary", "tertiary"].includes(properties.street_class) ? 0 : 1;
      const group = groups.get(name) ?? { rank, lines: [] };
      group.rank = Math.min(group.rank, rank);
      group.lines.push(geometry.coordinates);
      groups.set(name, group);
    }
    return [...groups]
      .sort(([, a], [, b]) => a.rank - b.rank)
      .map(([name, { lines }]) => [name, lines]);
  }

  place(name, width, line, taken) {
    const view = this.map.getPixelBounds();
    const points = line.map(([lng, lat]) => this.map.project([lat, lng]));
    const total = length(points);
    const count = Math.max(1, Math.round(total / REPEAT_PX));
    for (let number = 0; number < count; number += 1) {
      const centre = ((number + 0.5) * total) / count;
      const [start, end] = [along(points, centre - width / 2), along(points, centre + width / 2)];
      const span = Math.hypot(end.x - start.x, end.y - start.y);
      if (total < width || span < width * 0.93) continue;
      const middle = start.add(end).divideBy(2);
      if (!view.contains(middle)) continue;
      const steps = Math.ceil(width / STEP_PX);
      const cover = Array.from({ length: steps + 1 }, (_, i) => start.add(end.subtract(start).multiplyBy(i / steps)));
      if (cover.some((p) => taken.some((q) => Math.hypot(p.x - q.x, p.y - q.y) < CLEAR_PX))) continue;
      taken.push(...cover);
      this.write(name, middle, Math.atan2(end.y - start.y, end.x - start.x));
    }
  }

  write(name, middle, angle) {
    const upright = Math.abs(angle) > Math.PI / 2 ? angle + Math.PI : angle;
    const spot = this.map.latLngToLayerPoint(this.map.unproject(middle));
    const node = element("span", { class: "street-name" }, name);
    node.style.transform = `translate(${spot.x}px, ${spot.y}px) translate(-50%, -50%) rotate(${upright}rad)`;
    this.pane.append(node);
  }
}

function chains(lines) {
  const rest = lines.map((line) => [...line]);
  const joined = [];
  while (rest.length > 0) {
    let chain = rest.pop();
    for (let found = true; found; ) {
      found = false;
      for (const [index, line] of rest.entries()) {
        const longer = join(chain, line);
        if (longer === null) continue;
        chain = longer;
        rest.splice(index, 1);
        found = true;
        break;
      }
    }
    joined.push(chain);
  }
  return joined;
}

function join(one, other) {
  const same = (a, b) => a[0] === b[0] && a[1] === b[1];
  const back = [...other].reverse();
  if (same(one.at(-1), other[0])) return [...one, ...other.slice(1)];
  if (same(one.at(-1), back[0])) return [...one, ...back.slice(1)];
  if (same(one[0], other.at(-1))) return [...other, ...one.slice(1)];
  if (same(one[0], back.at(-1))) return [...back, ...one.slice(1)];
  return null;
}

function length(points) {
  return points.slice(1).reduce((sum, p, i) => sum + p.distanceTo(points[i]), 0);
}

function along(points, distance) {
  let left = Math.max(0, distance);
  for (let i = 1; i < points.length; i += 1) {
    const step = points[i].distanceTo(points[i - 1]);
    if (left <= step && step > 0) return points[i - 1].add(points[i].subtract(points[i - 1]).multiplyBy(left / step));
    left -= step;
  }
  return points.at(-1);
}
