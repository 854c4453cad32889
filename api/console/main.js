// The console: reads the layers of the zone from the API and puts map, panel and words together.

import { element } from "./dom.js";
import { StreetNames } from "./labels.js";
import { MapLayer, readLayer } from "./layers.js";
import { drawSwitches, drawTonight } from "./panel.js";
import { BASE, readJson, signOut } from "./service.js";
import { Words } from "./words.js";

const $ = (id) => document.getElementById(id);
const FAR_ZOOM = 16.5;
const SHARED_COLOUR = "#1d2830";
const NARROW = window.matchMedia("(max-width: 720px)");

class Console {
  constructor(setup, served) {
    this.setup = setup;
    this.words = new Words(setup.words);
    this.map = L.map("map", {
      zoomSnap: 0.25, minZoom: 13, maxZoom: 20, zoomControl: false, attributionControl: false,
    }).setView([7.885, 98.388], 15);
    this.map.getContainer().style.backgroundColor = setup.styles.background;
    this.layers = new Map();
    const tellers = { words: this.words, unitName: (unit) => this.nameOfUnit(unit) };
    setup.styles.layers.forEach((style, order) => {
      if (served.has(style.name)) {
        this.layers.set(style.name, new MapLayer(this.map, style, order, tellers));
      }
    });
    this.planned = this.layers.has("patrol_tours");
    this.streetNames = new StreetNames(this.map, this.words);
    this.failed = new Set();
    this.focus = null;
    this.tourColours = (feature) => {
      const units = new Set((feature.visits ?? [feature]).map((stop) => stop.properties.unit));
      return units.size > 1 ? SHARED_COLOUR : this.colourOfUnit([...units][0]);
    };
    this.beatColours = ({ properties }) => setup.styles.beats[properties.tint % setup.styles.beats.length];
    this.map.on("zoomend", () => this.drawPanel());
    this.map.on("zoomend", () => $("map").classList.toggle("far", this.map.getZoom() < FAR_ZOOM));
  }

  nameOfUnit(unit) {
    const tours = this.layers.get("patrol_tours")?.features ?? [];
    const tour = tours.find(({ properties }) => properties.unit === unit);
    return tour ? this.words.either("name", tour.properties) : unit;
  }

  colourOfUnit(unit) {
    const units = (this.layers.get("patrol_tours").features ?? []).map((tour) => tour.properties.unit);
    const colours = this.setup.styles.tours;
    return colours[Math.max(0, units.indexOf(unit)) % colours.length];
  }

  async start() {
    this.listen();
    this.speak();
    // Stops take the colours of their tours, so tours come first.
    await this.load("boundary", "streets", "patrol_tours");
    await this.load(...[...this.layers.keys()].filter((name) => this.layers.get(name).wanted));
    $("busy").hidden = true;
    document.documentElement.dataset.ready = "true";
  }

  async load(...names) {
    const absent = names.filter((name) => this.layers.has(name) && this.layers.get(name).features === null);
    await Promise.all(absent.map((name) => this.loadOne(name)));
    this.drawNotices();
    this.drawPanel();
    this.drawAlerts();
  }

  async loadOne(name) {
    try {
      const features = await readLayer(name);
      const touring = name === "patrol_tours" || name === "patrol_stops";
      const layer = this.layers.get(name);
      layer.features = features;
      const colours = name === "beats" ? this.beatColours : null;
      layer.draw(features, touring ? this.tourColours : colours);
      this.failed.delete(name);
      if (name === "boundary") this.frame(features, layer);
      if (name === "streets") this.streetNames.set(features);
    } catch {
      this.failed.add(name);
    }
  }

  drawNotices() {
    const generated = ({ features }) => features?.some(({ properties }) => properties.synthetic);
    $("synthetic-notice").hidden = ![...this.layers.values()].some(generated);
    $("approximate-notice").hidden = !this.zoneNames?.approximate;
  }

  frame([boundary], layer) {
    if (boundary === undefined) return;
    this.words.timezone = boundary.properties.timezone ?? this.words.timezone;
    this.zoneNames = boundary.properties;
    const bounds = layer.group.getBounds();
    this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
    this.map.setMaxBounds(bounds.pad(1));
    this.nameZone();
  }

  nameZone() {
    const name = this.words.either("name", this.zoneNames ?? {}) || this.setup.zone;
    $("zone-name").textContent = name;
    document.title = `${name} · ${this.words.text("console.title")}`;
  }

  speak() {
    this.words.fillPage();
    this.nameZone();
    for (const button of $("languages").children) {
      button.setAttribute("aria-pressed", String(button.value === this.words.language));
    }
    this.drawControls();
    this.drawAccount();
    this.layers.forEach((layer) => layer.speak());
    this.map.eachLayer((layer) => { if (layer instanceof L.Popup) layer.update(); });
    this.streetNames.draw();
    this.drawPanel();
    this.drawAlerts();
  }

  drawAccount() {
    const { account, role, mode } = this.setup;
    const told = { account, role: this.words.text(`role.${role}`) };
    $("who").textContent = account === null ? "" : this.words.text("sign_in.as", told);
    $("who").hidden = $("sign-out").hidden = account === null;
    $("sign-in").hidden = account !== null;
    $("sign-in").href = `/sign-in?lang=${this.words.language}&next=${encodeURIComponent(location.pathname)}`;
    $("demo-notice").hidden = mode !== "demo";
    $("private-notice").hidden = role !== "public";
  }

  drawControls() {
    this.controls?.forEach((control) => control.remove());
    const { words } = this;
    this.controls = [
      L.control.zoom({ zoomInTitle: words.text("console.zoom_in"), zoomOutTitle: words.text("console.zoom_out") }),
      L.control.scale({ imperial: false, position: "bottomleft" }),
      L.control.attribution({ prefix: false }).addAttribution(words.text("notice.attribution")),
    ];
    this.controls.forEach((control) => control.addTo(this.map));
  }

  drawPanel() {
    const { layers, words, planned, tourColours } = this;
    const tours = layers.get("patrol_tours")?.features ?? [];
    const open = (name, id) => this.open(name, id);
    const focusOn = (tour) => this.focusOn(tour);
    // Drawing anew must not drop the keyboard's place.
    const focused = [...$("panel-body").querySelectorAll("button, input")].indexOf(document.activeElement);
    const { zone, account, sees_plan: seesPlan } = this.setup;
    drawTonight($("tonight"), { layers, words, zone, planned, seesPlan, account, tourColours, open, focus: this.focus, focusOn });
    const switchLayer = (name, wanted) => this.switchLayer(name, wanted);
    drawSwitches($("layers"), { layers, words, switchLayer, tours, tourColours });
    $("panel-body").querySelectorAll("button, input")[focused]?.focus({ preventScroll: true });
  }

  drawAlerts() {
    const alerts = [...this.failed].map((name) => element(
      "p",
      {},
      this.words.text("console.load_failed", { layer: this.words.text(`layer.${name}`) }),
      element("button", { type: "button", onclick: () => this.load(name) }, this.words.text("console.retry")),
    ));
    $("alerts").replaceChildren(...alerts);
  }

  async switchLayer(name, wanted) {
    const layer = this.layers.get(name);
    layer.wanted = wanted;
    layer.refresh();
    if (name === "streets") this.streetNames.show(wanted);
    if (wanted) await this.load(name);
  }

  // Shows one tour alone with its stops, or all of them again.
  async focusOn(tour) {
    this.focus = tour?.properties.unit ?? null;
    this.map.closePopup();
    for (const name of ["patrol_tours", "patrol_stops"]) {
      await this.switchLayer(name, true);
      this.layers.get(name).only((feature) => tour === null || feature.properties.unit === this.focus);
    }
    if (tour !== null) this.layers.get("patrol_tours").show(tour.id);
    this.drawPanel();
  }

  async open(name, id) {
    await this.switchLayer(name, true);
    this.layers.get(name).show(id)?.openPopup();
  }

  listen() {
    $("languages").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button === null) return;
      this.words.choose(button.value);
      this.words.remember();
      this.speak();
    });
    const tabs = [$("tab-tonight"), $("tab-layers")];
    for (const tab of tabs) {
      tab.addEventListener("click", () => this.showTab(tab, tabs));
      tab.addEventListener("keydown", (event) => {
        if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
        const other = tabs[1 - tabs.indexOf(tab)];
        this.showTab(other, tabs);
        other.focus();
      });
    }
    $("sign-out").addEventListener("click", signOut);
    $("fold").addEventListener("click", () => this.fold($("fold").getAttribute("aria-expanded") === "true"));
    NARROW.addEventListener("change", () => this.map.invalidateSize());
  }

  showTab(chosen, tabs) {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      $(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
    this.fold(false);
  }

  fold(folded) {
    $("panel").classList.toggle("folded", folded);
    const key = folded ? "console.show_panel" : "console.hide_panel";
    $("fold").setAttribute("aria-expanded", String(!folded));
    $("fold").dataset.wordLabel = key;
    $("fold").setAttribute("aria-label", this.words.text(key));
    this.map.invalidateSize();
  }
}

function explain(setup) {
  const words = new Words(setup.words);
  words.fillPage();
  $("busy").hidden = true;
  const reload = () => location.reload();
  $("alerts").replaceChildren(element(
    "p",
    {},
    words.text("console.service_failed"),
    element("button", { type: "button", onclick: reload }, words.text("console.retry")),
  ));
  document.documentElement.dataset.ready = "false";
}

const setup = await readJson(`${BASE}/console/setup.json`);
sessionStorage.removeItem("smartzone.asked");
try {
  const { collections } = await readJson(`${BASE}/ogc/collections`);
  await new Console(setup, new Set(collections.map((collection) => collection.id))).start();
} catch (error) {
  explain(setup);
  throw error;
}
