// The map of a page of features: what the page shows, on the zone's boundary.
const frame = document.getElementById("map");
const map = L.map(frame, { attributionControl: false, zoomSnap: 0.25 });
const boundaryStyle = { color: "#535d70", weight: 1.5, dashArray: "4 4", fill: false };
const featureStyle = { color: "#0b57a4", weight: 3, fillColor: "#0b57a4", fillOpacity: 0.2 };

async function read(address) {
  const answer = await fetch(address, { headers: { Accept: "application/geo+json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
  return answer.json();
}

function point(feature, position) {
  return L.circleMarker(position, { radius: 6 });
}

function label(feature, layer) {
  if (!feature.id) return;
  const text = document.createElement("a");
  text.textContent = String(feature.id);
  text.href = `${frame.dataset.place}/${encodeURIComponent(feature.id)}?f=html&lang=${document.documentElement.lang}`;
  layer.bindPopup(text);
}

async function draw() {
  const features = L.geoJSON(await read(frame.dataset.features), {
    style: featureStyle, pointToLayer: point, onEachFeature: label,
  });
  let shown = features.getBounds();
  try {
    const boundary = L.geoJSON(await read(frame.dataset.boundary), {
      style: boundaryStyle, interactive: false,
    }).addTo(map);
    shown = shown.isValid() ? shown : boundary.getBounds();
  } catch {
    // A zone without a boundary is drawn without it.
  }
  features.addTo(map);
  if (shown.isValid()) map.fitBounds(shown.pad(0.1), { maxZoom: 18, animate: false });
  else map.setView([0, 0], 1);
  frame.dataset.drawn = String(features.getLayers().length);
}

draw();
