// The jobs of the zone: what may be computed, what is computed now, and what came of it.

import { element } from "./dom.js";
import { JobEntry, processName } from "./job_entry.js";
import { JobForm } from "./job_form.js";
import { Poll } from "./poll.js";
import { BASE, readJson } from "./service.js";

const LISTED = 30;

export class Jobs {
  // `tell` says something to everybody, `renew` reads layers anew, `draws` and `show` are the map's.
  constructor(section, { words, tell, renew, draws, show, counted }) {
    Object.assign(this, { section, words, tell, renew, draws, show, counted, answers: true });
    this.entries = new Map();
    this.forms = new Map();
    this.choices = new Map();
    this.menu = element("ul", { class: "entries" });
    this.trouble = element("p", { class: "fault", role: "status" });
    this.none = element("p", { class: "quiet" });
    this.list = element("ul", { class: "jobs" });
    this.headings = ["jobs.start", "jobs.listed"].map((key) => [element("h2", {}), key]);
    const [[start], [listed]] = this.headings;
    section.replaceChildren(start, this.menu, listed, this.trouble, this.none, this.list);
    this.poll = new Poll(() => this.look(), (jobs) => this.hear(jobs));
  }

  begin() {
    this.speak();
    return this.poll.wake();
  }

  may(process) {
    return this.forms.has(process);
  }

  // Asks the service how far the jobs are; and, until that is known, what may be computed.
  async look() {
    if (this.forms.size === 0) this.offer((await readJson(`${BASE}/ogc/processes`)).processes);
    return (await readJson(`${BASE}/ogc/jobs?limit=${LISTED}`)).jobs;
  }

  offer(processes) {
    if (this.forms.size > 0) return;
    for (const { id } of processes) {
      this.forms.set(id, new JobForm(id, this.words, (status) => this.submitted(status)));
      this.choices.set(id, this.choice(id));
      this.menu.append(this.choices.get(id).item);
    }
    this.speak();
  }

  // Takes what the service answered, and tells the poll how to go on.
  hear(jobs) {
    this.answers = jobs !== null;
    this.tellTrouble();
    if (!this.answers) return "same";
    const changed = this.take(jobs);
    if (this.running === 0) return "over";
    return changed ? "changed" : "same";
  }

  tellTrouble() {
    this.trouble.textContent = this.answers ? "" : this.words.text("jobs.unanswered");
  }

  get running() {
    return [...this.entries.values()].filter(({ unfinished }) => unfinished).length;
  }

  // Takes the list of jobs, the newest first, and tells whether there is news but for mere figures.
  take(jobs) {
    const first = this.known === undefined;
    this.known = new Set(jobs.map(({ jobID }) => jobID));
    const news = jobs.filter((status) => this.takeOne(status, first)).length;
    for (const [id, entry] of this.entries) {
      if (this.known.has(id)) continue;
      entry.node.remove();
      this.entries.delete(id);
    }
    this.arrange(jobs);
    return news > 0;
  }

  takeOne(status, quiet) {
    const known = this.entries.get(status.jobID);
    const entry = known ?? new JobEntry(this.words, {
      draws: this.draws, show: this.show, cancelled: (job) => this.cancelled(job),
    });
    const before = known === undefined ? "" : known.told();
    this.entries.set(status.jobID, entry);
    entry.take(status);
    const isNew = entry.told() !== before;
    if (isNew && !quiet) this.announce(entry);
    return isNew;
  }

  // Nodes that stand where they belong are not touched, so that the keyboard keeps its place.
  arrange(jobs) {
    this.attribute();
    jobs.forEach(({ jobID }, place) => {
      const { node } = this.entries.get(jobID);
      if (this.list.children[place] !== node) this.list.insertBefore(node, this.list.children[place] ?? null);
    });
    this.none.hidden = jobs.length > 0;
    this.counted(this.running);
  }

  // A layer is the result of the job that stored it last: only that one leads to it.
  attribute() {
    const taken = new Set();
    const ended = [...this.entries.values()].filter(({ status }) => status.status === "successful");
    ended.sort((one, other) => other.status.finished.localeCompare(one.status.finished));
    for (const entry of ended) {
      entry.lead(entry.layers.filter((name) => !taken.has(name)));
      entry.layers.forEach((name) => taken.add(name));
    }
  }

  async announce(entry) {
    const told = this.words.text("jobs.told", { process: entry.title, told: entry.told() });
    this.tell(told, entry.status.status === "running");
    if (entry.status.status !== "successful") return;
    const renewed = await this.renew(entry.layers);
    this.entries.forEach((each) => each.drawResults());
    if (renewed.length === 0) return;
    const layers = renewed.map((name) => this.words.text(`layer.${name}`)).join(", ");
    this.tell(`${told} ${this.words.text("jobs.renewed", { layers })}`);
  }

  cancelled(entry) {
    this.announce(entry);
    this.poll.wake();
  }

  submitted(status) {
    this.choose(null);
    if (!this.entries.has(status.jobID)) this.takeOne(status, false);
    this.arrange([...new Set([status.jobID, ...this.known ?? []])].map((jobID) => ({ jobID })));
    this.entries.get(status.jobID).name.focus();
    this.poll.wake();
  }

  // Unfolds the form of a process, or folds the one that is open.
  async choose(process) {
    for (const [id, { item, button }] of this.choices) {
      button.setAttribute("aria-expanded", String(id === process));
      if (id === process) item.append(this.forms.get(id).node);
      else this.forms.get(id).node.remove();
    }
    if (process === null) return;
    try {
      await this.forms.get(process).open();
    } catch {
      this.tell(this.words.text("console.service_failed"));
    }
  }

  choice(id) {
    const button = element("button", { type: "button", class: "entry", "aria-expanded": "false", onclick: () => {
      this.choose(button.getAttribute("aria-expanded") === "true" ? null : id);
    } });
    return { item: element("li", {}, button), button };
  }

  // Says everything again in the language that is spoken; what was entered stays.
  speak() {
    for (const [node, key] of this.headings) node.textContent = this.words.text(key);
    this.none.textContent = this.words.text("jobs.none");
    this.tellTrouble();
    this.forms.forEach((form) => form.draw());
    for (const [id, { button }] of this.choices) button.replaceChildren(...heading(id, this.words));
    this.entries.forEach((entry) => entry.draw());
    this.counted(this.running);
  }
}

function heading(process, words) {
  return [
    element("span", { class: "text" }, element("b", {}, processName(process, words))),
    element("span", { class: "more", "aria-hidden": "true" }),
  ];
}
