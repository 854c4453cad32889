// Lines drawn side by side where they share a street, so that no tour hides another.

const FEW = 3;

const BesideLine = L.Polyline.extend({
  _projectLatlngs(latlngs, rings, bounds) {
    L.Polyline.prototype._projectLatlngs.call(this, latlngs, rings, bounds);
    // Nested lines come back here part by part.
    if (latlngs[0] instanceof L.LatLng) rings.push(shifted(rings.pop(), this.options.offsetPx));
  },
});

export function beside(line, index, count) {
  // Many lines grow thin, so that all of them together stay about as wide as a street.
  const weight = count > FEW ? 2 : line.options.weight;
  const offsetPx = (index - (count - 1) / 2) * weight;
  const other = new BesideLine(line.getLatLngs(), { ...line.options, weight, offsetPx });
  other.feature = line.feature;
  return other;
}

function shifted(points, distance) {
  return points.map((point, i) => {
    const normals = [normal(points[i - 1], point), normal(point, points[i + 1])].filter((n) => n !== null);
    if (normals.length === 0) return point;
    const sum = normals.reduce((a, b) => a.add(b));
    const size = Math.hypot(sum.x, sum.y);
    return size < 0.3 ? point : point.add(sum.multiplyBy(distance / size));
  });
}

// The side is that of the street, not of the way along it: there and back are one line.
function normal(from, to) {
  if (from === undefined || to === undefined || from.equals(to)) return null;
  const { x, y } = to.subtract(from).divideBy(from.distanceTo(to));
  return x > 0 || (x === 0 && y > 0) ? L.point(-y, x) : L.point(y, -x);
}
