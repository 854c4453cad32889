"use strict";

const smartzone = {
  /* Every text stands in the page twice, in span[lang]; the root element says which one shows. */
  speak(language) {
    document.documentElement.lang = language;
    for (const button of document.querySelectorAll(".languages button")) {
      button.setAttribute("aria-pressed", String(button.value === language));
    }
  },

  /* One pane a layer, in the order given; a pane hides below its zoom level. */
  panes(map, panes) {
    panes.forEach(([name, fromZoom], order) => {
      const pane = map.createPane(name);
      pane.style.zIndex = 400 + order;
      map.on("zoomend", () => { pane.style.display = map.getZoom() < fromZoom ? "none" : ""; });
    });
  },

  tell(feature, layer) {
    if (feature.properties.tip) {
      layer.bindTooltip(feature.properties.tip, { sticky: true });
      layer.bindPopup(feature.properties.tip, { maxWidth: 260 });
    }
    smartzone.shift(feature, layer);
  },

  /* Move a line aside by some pixels, whatever the zoom. */
  shift(feature, layer) {
    const { shift } = feature.properties;
    if (shift && layer instanceof L.Path) {
      layer.on("add", () => { layer.getElement().style.transform = `translate(${shift}px, ${shift}px)`; });
    }
  },

  dot(pane) {
    return (feature, at) => L.circleMarker(at, { pane });
  },

  mark(pane) {
    return (feature, at) => L.marker(at, {
      pane,
      icon: L.divIcon({ className: "stamp", html: feature.properties.stamp, iconSize: null }),
      interactive: Boolean(feature.properties.tip),
      keyboard: Boolean(feature.properties.tip),
    });
  },

  /* Every entry of the layer switch brings its heading; the first of each group keeps it, above. */
  headings() {
    const lifted = new Set();
    for (const heading of document.querySelectorAll(".leaflet-control-layers label .heading")) {
      const entry = heading.closest("label");
      heading.remove();
      if (!lifted.has(heading.dataset.group)) entry.before(heading);
      lifted.add(heading.dataset.group);
    }
  },

  /* Names of small streets hide until there is room for them; marks shrink from afar. */
  crowd(map) {
    const classes = map.getContainer().classList;
    classes.toggle("far", map.getZoom() < 16);
    classes.toggle("near", map.getZoom() >= 17.5);
  },

  open(map, bounds, credit, language) {
    for (const button of document.querySelectorAll(".languages button")) {
      button.addEventListener("click", () => smartzone.speak(button.value));
    }
    smartzone.speak(language);
    smartzone.headings();
    map.attributionControl.setPrefix("Leaflet").addAttribution(credit);
    L.control.scale({ imperial: false }).addTo(map);
    map.on("zoomend", () => smartzone.crowd(map));
    map.fitBounds(bounds);
    map.setMinZoom(map.getZoom() - 1.5);
    map.setMaxBounds(L.latLngBounds(bounds).pad(0.75));
    smartzone.crowd(map);
    if (window.innerWidth > 900) {
      document.querySelector(".leaflet-control-layers").classList.add("leaflet-control-layers-expanded");
    }
  },
};
