// The console: reads the layers of the zone from the API and puts map, panel and words together.

import { element, keepFocus } from "./dom.js";
import { Jobs } from "./jobs.js";
import { StreetNames } from "./labels.js";
import { MapLayer, readLayer } from "./layers.js";
import { drawSwitches, drawTonight } from "./panel.js";
import { BASE, readJson, signOut } from "./service.js";
import { Tabs } from "./tabs.js";
import { Words } from "./words.js";
import { Zones } from "./zones.js";

const $ = (id) => document.getElementById(id);
const FAR_ZOOM = 16.5;
const SHARED_COLOUR = "#1d2830";
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const TOLD_MS = 12_000;

class Console {
  constructor(setup, served) {
    this.setup = setup;
    this.words = new Words(setup.words);
    this.map = L.map("map", {
      zoomSnap: 0.25, minZoom: 13, maxZoom: 20, zoomControl: false, attributionControl: false,
      zoomAnimation: !STILL, fadeAnimation: !STILL, markerZoomAnimation: !STILL, inertia: !STILL,
    }).setView([7.885, 98.388], 15);
    this.map.getContainer().style.backgroundColor = setup.styles.background;
    this.layers = new Map();
    this.addLayers(served);
    this.jobs = setup.computes ? new Jobs($("jobs"), {
      words: this.words,
      tell: (text, quiet) => this.tell(text, quiet),
      renew: (names) => this.renew(names),
      draws: (name) => this.layers.has(name),
      show: (name) => this.showLayer(name),
      counted: (running) => this.nameJobs(running),
    }) : null;
    this.zones = new Zones($("zones"), {
      words: this.words, zone: setup.zone, account: setup.account, rights: setup.zones,
    });
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

  // Layers stand in the order of their styles, whenever they came to be.
  addLayers(names) {
    const tellers = { words: this.words, unitName: (unit) => this.nameOfUnit(unit) };
    const layers = this.setup.styles.layers.flatMap((style, order) => {
      const known = this.layers.get(style.name);
      if (known === undefined && !names.has(style.name)) return [];
      return [[style.name, known ?? new MapLayer(this.map, style, order, tellers)]];
    });
    this.layers = new Map(layers);
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
    // What ends from here on renews the layers, so that none of them is older than it seems.
    const beside = Promise.allSettled([this.zones.begin(), this.beginJobs()]);
    this.loaded = this.loadFirst();
    await Promise.all([this.loaded, beside]);
    $("busy").hidden = true;
    document.documentElement.dataset.ready = "true";
  }

  async loadFirst() {
    // Stops take the colours of their tours, so tours come first.
    await this.load("boundary", "streets", "patrol_tours");
    const view = this.frame();
    await this.load(...[...this.layers.keys()].filter((name) => this.layers.get(name).wanted));
    // Notices of what was read take room from the map.
    if (view === this.view) this.frame();
  }

  get view() {
    return `${this.map.getCenter()} ${this.map.getZoom()}`;
  }

  async beginJobs() {
    if (this.jobs === null) return;
    $("tab-jobs").hidden = false;
    this.nameJobs(0);
    await this.jobs.begin();
    this.drawPanel();
  }

  nameJobs(running) {
    const key = running === 0 ? "jobs.tab" : "jobs.tab_running";
    $("tab-jobs").textContent = this.words.text(key, { count: this.words.number(running) });
  }

  // Says what has happened: to everybody for a while, or, quietly, to screen readers alone.
  tell(text, quiet = false) {
    $("told").textContent = text;
    $("told").classList.toggle("unseen", quiet);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => { $("told").textContent = ""; }, TOLD_MS);
  }

  // Reads layers anew that are drawn, and tells which; the map stays where it is.
  async renew(names) {
    await this.loaded;
    this.addLayers(new Set(names));
    const drawn = names.filter((name) => this.layers.get(name)?.wanted || this.layers.get(name)?.features);
    // As at first, tours come before the stops that take their colours and names.
    const isTours = (name) => name === "patrol_tours";
    await this.read(...drawn.filter(isTours));
    await this.read(...drawn.filter((name) => !isTours(name)));
    return drawn.filter((name) => !this.failed.has(name));
  }

  async load(...names) {
    await this.read(...names.filter((name) => this.layers.get(name)?.features === null));
  }

  async read(...names) {
    await Promise.all(names.map((name) => this.loadOne(name)));
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
      const chosen = ({ properties }) => !touring || this.focus === null || properties.unit === this.focus;
      layer.draw(features, touring ? this.tourColours : colours, chosen);
      this.failed.delete(name);
      if (name === "boundary") this.takeNames(features);
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

  takeNames([boundary]) {
    if (boundary === undefined) return;
    this.words.timezone = boundary.properties.timezone ?? this.words.timezone;
    this.zoneNames = boundary.properties;
    this.nameZone();
  }

  // Shows the whole zone, and tells the view that this makes.
  frame() {
    const bounds = this.layers.get("boundary")?.group.getBounds();
    if (bounds?.isValid()) {
      this.map.invalidateSize({ animate: false });
      this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
      this.map.setMaxBounds(bounds.pad(1));
    }
    return this.view;
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
    this.zones.draw();
    this.jobs?.speak();
    this.tell("");
    this.drawPanel();
    this.drawAlerts();
  }

  drawAccount() {
    const { account, role, mode } = this.setup;
    const told = { account, role: this.words.text(`role.${role}`) };
    $("own-account").textContent = account === null ? "" : this.words.text("sign_in.as", told);
    $("who").hidden = $("sign-out").hidden = account === null;
    $("sign-in").hidden = account !== null;
    $("sign-in").href = `/sign-in?lang=${this.words.language}&next=${encodeURIComponent(location.pathname)}`;
    $("demo-notice").hidden = mode !== "demo";
    $("private-notice").hidden = role !== "public";
    $("outside-notice").hidden = account === null || this.setup.zones[this.setup.zone];
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
    const { layers, words, tourColours, focus } = this;
    const tours = layers.get("patrol_tours")?.features ?? [];
    const open = (name, id) => this.open(name, id);
    const focusOn = (tour) => this.focusOn(tour);
    const plan = this.jobs?.may("plan-patrol") ? () => this.plan() : null;
    const { zone, account, sees_plan: seesPlan } = this.setup;
    keepFocus($("tonight"), () => drawTonight($("tonight"), {
      layers, words, zone, seesPlan, account, tourColours, open, focus, focusOn, plan,
    }));
    const switchLayer = (name, wanted) => this.switchLayer(name, wanted);
    keepFocus($("layers"), () => drawSwitches($("layers"), { layers, words, switchLayer, tours, tourColours }));
  }

  // Leads to the form by which tonight is planned.
  plan() {
    this.tabs.show($("tab-jobs"));
    this.jobs.choose("plan-patrol");
    $("tab-jobs").focus();
  }

  drawAlerts() {
    const alerts = [...this.failed].map((name) => element(
      "p",
      {},
      this.words.text("console.load_failed", { layer: this.words.text(`layer.${name}`) }),
      element("button", { type: "button", onclick: () => this.read(name) }, this.words.text("console.retry")),
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

  async showLayer(name) {
    await this.switchLayer(name, true);
    this.tell(this.words.text("jobs.shown", { layer: this.words.text(`layer.${name}`) }));
  }

  // Shows one tour alone with its stops, or all of them again.
  async focusOn(tour) {
    this.focus = tour?.properties.unit ?? null;
    this.map.closePopup();
    for (const name of ["patrol_tours", "patrol_stops"]) {
      await this.switchLayer(name, true);
      this.layers.get(name)?.only((feature) => tour === null || feature.properties.unit === this.focus);
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
    this.tabs = new Tabs(["tonight", "layers", "jobs"].map((name) => $(`tab-${name}`)), $("panel-body"), () => this.fold(false));
    $("sign-out").addEventListener("click", signOut);
    $("fold").addEventListener("click", () => this.fold($("fold").getAttribute("aria-expanded") === "true"));
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe($("map"));
  }

  fold(folded) {
    $("panel").classList.toggle("folded", folded);
    const key = folded ? "console.show_panel" : "console.hide_panel";
    $("fold").setAttribute("aria-expanded", String(!folded));
    $("fold").dataset.wordLabel = key;
    $("fold").setAttribute("aria-label", this.words.text(key));
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
