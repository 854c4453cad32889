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

  open(map, bounds, credit, language) {
    for (const button of document.querySelectorAll(".languages button")) {
      button.addEventListener("click", () => smartzone.speak(button.value));
    }
    smartzone.speak(language);
    map.attributionControl.addAttribution(credit);
    /* Names of small streets hide until there is room for them. */
    map.on("zoomend", () => {
      map.getContainer().classList.toggle("far", map.getZoom() < 16.5);
    });
    map.fitBounds(bounds);
    map.setMinZoom(map.getZoom() - 1.5);
    map.setMaxBounds(L.latLngBounds(bounds).pad(0.75));
    if (window.innerWidth > 900) {
      document.querySelector(".leaflet-control-layers").classList.add("leaflet-control-layers-expanded");
    }
  },
};
