// The form by which a process is asked for: made from how the process describes its inputs.

import { element } from "./dom.js";
import { Field } from "./fields.js";
import { BASE, change, readJson } from "./service.js";

// What a process names first is what is asked most; the rest waits below a heading.
const FIRST = 2;

export class JobForm {
  constructor(process, words, submitted) {
    Object.assign(this, { process, words, submitted });
    this.node = element("form", { class: "job-form", novalidate: true, onsubmit: (event) => this.submit(event) });
  }

  async open() {
    this.inputs ??= Object.entries((await readJson(`${BASE}/ogc/processes/${this.process}`)).inputs);
    this.draw();
  }

  // Draws the form in the language that is spoken; what was entered stays.
  draw() {
    if (this.inputs === undefined) return;
    const entered = new Map(this.fields?.map((field) => [field.name, field.entered]));
    const unfolded = this.more?.open ?? false;
    const faults = this.fields?.filter(({ error }) => error.textContent !== "").map(({ name }) => name) ?? [];
    const { words } = this;
    this.fields = this.inputs.map(([name, input]) => new Field(name, input, words));
    for (const field of this.fields) {
      if (entered.has(field.name)) field.entered = entered.get(field.name);
      field.mark(faults.includes(field.name));
    }
    const rest = this.fields.slice(FIRST).map(({ node }) => node);
    this.more = rest.length === 0 ? null : element("details", { open: unfolded }, element("summary", {}, words.text("jobs.more_inputs")), ...rest);
    this.alert = element("p", { class: "fault", role: "alert" });
    const run = element("button", { type: "submit", class: "main" }, words.text("jobs.run"));
    const about = element("p", { class: "hint" }, words.text(`process.${this.process.replaceAll("-", "_")}_about`));
    this.node.replaceChildren(about, ...this.fields.slice(0, FIRST).map(({ node }) => node), ...[this.more ?? []].flat(), this.alert, run);
  }

  async submit(event) {
    event.preventDefault();
    if (this.asking) return;
    this.alert.textContent = "";
    if (this.refuse(this.fields.filter(({ wrong }) => wrong))) return;
    const given = this.fields.map(({ name, value }) => [name, value]).filter(([, value]) => value !== undefined);
    this.asking = true;
    try {
      const answer = await change("POST", `${BASE}/ogc/processes/${this.process}/execution`, { inputs: Object.fromEntries(given) });
      if (answer.ok) this.submitted(await answer.json());
      else this.tell(answer.status, await answer.json());
    } catch {
      this.alert.textContent = this.words.text("console.service_failed");
    }
    this.asking = false;
  }

  // Marks the fields that hold what they may not, leads to the first, and tells whether there is one.
  refuse(wrong) {
    for (const field of this.fields) field.mark(wrong.includes(field));
    if (wrong.length === 0) return false;
    if (this.more !== null && wrong.some(({ node }) => this.more.contains(node))) this.more.open = true;
    wrong[0].control.focus();
    return true;
  }

  // Tells why the service refused: beside the inputs that it names, or else below the form.
  tell(status, problem) {
    const named = (problem.parameters ?? []).map(({ parameter }) => parameter.split(".")[1]);
    if (this.refuse(this.fields.filter(({ name }) => named.includes(name)))) return;
    const key = { 401: "not_allowed", 403: "not_allowed", 429: "too_many" }[status] ?? "refused";
    this.alert.textContent = this.words.text(`jobs.${key}`);
  }
}
