// One job in the list: how far it is, what came of it, and the way to cancel it.

import { element, keepFocus } from "./dom.js";
import { BASE, change } from "./service.js";

const UNFINISHED = new Set(["accepted", "running"]);

export class JobEntry {
  constructor(words, { draws, show, cancelled }) {
    Object.assign(this, { words, draws, show, cancelled, asking: false, led: [] });
    this.name = element("h3", { tabindex: "-1" });
    this.state = element("span", { class: "state" });
    this.bar = element("progress", { max: 100 });
    this.far = element("span", { class: "far-told" });
    this.detail = element("p", { class: "detail" });
    this.actions = element("div", { class: "actions" });
    this.progress = element("div", { class: "progress" }, this.bar, this.far);
    this.node = element(
      "li",
      { class: "job" },
      element("div", { class: "head" }, this.name, this.state),
      this.progress, this.detail, this.actions,
    );
  }

  get unfinished() {
    return UNFINISHED.has(this.status.status);
  }

  get title() {
    return processName(this.status.processID, this.words);
  }

  // The names of the layers that the job stored and that the reader may read.
  get layers() {
    const stored = this.status.links.filter(({ rel }) => rel === "related");
    return stored.map(({ href }) => decodeURIComponent(new URL(href, location.href).pathname.split("/").at(-2)));
  }

  // Takes what the service tells of the job.
  take(status) {
    if (JSON.stringify(status) === JSON.stringify(this.status)) return;
    const before = this.status?.status;
    this.status = status;
    this.draw(before !== status.status);
  }

  // What is done now, or what became of it: without the figures that change all the time.
  told() {
    const { status, words } = this;
    if (status.status === "running") return words.own(status.message);
    return words.text(`process.${status.status}`);
  }

  draw(anew = true) {
    const { status, words } = this;
    this.node.dataset.status = status.status;
    this.node.dataset.job = status.jobID;
    this.name.textContent = this.title;
    this.state.textContent = words.text(`process.${status.status}`);
    this.progress.hidden = !this.unfinished;
    this.bar.value = status.progress;
    this.bar.setAttribute("aria-label", words.text("jobs.progress", { process: this.title }));
    this.far.textContent = words.percent(status.progress / 100);
    this.detail.replaceChildren(...this.details());
    if (anew) this.drawActions();
  }

  details() {
    const { status, words } = this;
    const at = words.moment(status.finished ?? status.started ?? status.created);
    if (status.status === "accepted") return [words.text("jobs.accepted_at", { at })];
    if (status.status === "running") {
      const step = this.told();
      const started = words.text("jobs.started_at", { at });
      return step === words.text("process.running") ? [started] : [step, element("br"), started];
    }
    const ended = words.text("jobs.ended_at", { at });
    if (status.status !== "failed") return [ended];
    // What went wrong is told in English, as all errors are.
    return [element("span", { class: "fault", lang: "en" }, status.message), element("br"), ended];
  }

  drawActions() {
    const held = this.actions.contains(document.activeElement);
    if (this.unfinished) this.actions.replaceChildren(this.cancelButton());
    else this.drawResults();
    // The keyboard stays at the job whose button went.
    if (held && !this.actions.contains(document.activeElement)) this.name.focus();
  }

  // Leads to the layers that are still those that this job stored.
  lead(layers) {
    if (layers.join() === this.led.join()) return;
    this.led = layers;
    this.drawResults();
  }

  drawResults() {
    if (this.unfinished) return;
    const found = this.status.status === "successful" ? this.results() : [];
    keepFocus(this.actions, () => this.actions.replaceChildren(...found));
  }

  results() {
    const { words, led } = this;
    const layer = (name) => words.text(`layer.${name}`);
    const group = (key, nodes) => (nodes.length === 0 ? [] : [element("p", {}, words.text(key)), ...nodes]);
    const shown = led.filter(this.draws).map((name) => element(
      "button",
      { type: "button", "aria-label": words.text("jobs.show", { layer: layer(name) }), onclick: () => this.show(name) },
      layer(name),
    ));
    const page = (name) => `${BASE}/ogc/collections/${name}/items?f=html&lang=${words.language}`;
    const listed = led.filter((name) => !this.draws(name)).map((name) => element(
      "a",
      { href: page(name), target: "_blank", rel: "noopener", "aria-label": words.text("jobs.page", { layer: layer(name) }) },
      layer(name),
    ));
    const document = element(
      "a",
      { href: `${BASE}/ogc/jobs/${this.status.jobID}/results`, download: `${this.status.processID}.json` },
      words.text("jobs.document"),
    );
    return [...group("jobs.on_map", shown), ...group("jobs.as_table", listed), ...group("jobs.everything", [document])];
  }

  cancelButton() {
    const { words } = this;
    return element("button", { type: "button", onclick: () => this.askToCancel() }, words.text("jobs.cancel"));
  }

  // A job may have run for long: what ends it is asked twice.
  askToCancel() {
    const { words } = this;
    const keep = element("button", { type: "button", onclick: () => this.keepOn() }, words.text("jobs.keep"));
    const cancel = element("button", { type: "button", class: "danger", onclick: () => this.cancel() }, words.text("jobs.cancel_now"));
    this.actions.replaceChildren(element("p", {}, words.text("jobs.cancel_sure")), cancel, keep);
    cancel.focus();
  }

  keepOn() {
    this.drawActions();
    this.actions.querySelector("button")?.focus();
  }

  async cancel() {
    if (this.asking) return;
    this.asking = true;
    try {
      const answer = await change("DELETE", `${BASE}/ogc/jobs/${this.status.jobID}`);
      if (!answer.ok) throw new Error(answer.status);
      this.take(await answer.json());
      this.name.focus();
      this.cancelled(this);
    } catch {
      this.actions.append(element("p", { class: "fault", role: "alert" }, this.words.text("console.service_failed")));
    }
    this.asking = false;
  }
}

export function processName(id, words) {
  return words.text(`process.${id.replaceAll("-", "_")}`);
}
