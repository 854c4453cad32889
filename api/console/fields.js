// One input of a process: its control, what it may hold in words, and what was entered.
// All of it follows from the JSON schema by which the process describes the input.

import { element } from "./dom.js";

const UNITS = { _m: "unit.metres", _s: "unit.seconds", _deg: "unit.degrees" };
const EXACT = Number.MAX_SAFE_INTEGER;
const WRONG = Symbol("what the input may not hold");

export class Field {
  constructor(name, { title, schema }, words) {
    Object.assign(this, { name, words });
    this.schema = { ...schema, ...schema.anyOf?.find(({ type }) => type !== "null") };
    this.title = words.has(`input.${name}`) ? words.text(`input.${name}`) : title;
    this.kind = kindOf(this.schema);
    this.control = CONTROLS[this.kind](this);
    this.control.id = `input-${name}`;
    this.error = element("span", { class: "fault", id: `fault-${name}` });
    const hint = this.hint();
    const told = element("span", { class: "hint", id: `hint-${name}` }, hint);
    this.control.setAttribute("aria-describedby", `hint-${name} fault-${name}`);
    const label = element("label", { for: `input-${name}` }, this.title);
    const parts = this.kind === "switch" ? [this.control, label] : [label, hint === "" ? null : told, this.control];
    this.node = element("div", { class: `field ${this.kind}` }, ...parts, this.error);
  }

  // Says what may be entered: limits with their unit, and what counts where nothing is.
  hint() {
    const absent = this.schema.default ?? null;
    const parts = [this.range()];
    if (absent !== null && ["number", "text"].includes(this.kind)) {
      parts.push(this.words.text("jobs.if_empty", { value: this.told(absent) }));
    }
    if (absent === null && this.name === "seed") parts.push(this.words.text("jobs.seed_if_empty"));
    return parts.filter((part) => part !== "").join(" · ");
  }

  range() {
    const { schema, words } = this;
    if (this.kind === "list") return words.text("jobs.one_a_line", { most: words.number(schema.maxItems) });
    if (this.kind !== "number") return "";
    const whole = schema.type === "integer" ? "whole_" : "";
    const above = schema.exclusiveMinimum !== undefined;
    const values = { low: words.number(schema.minimum ?? schema.exclusiveMinimum, 3), high: this.told(schema.maximum) };
    if (schema.maximum >= EXACT) return words.text("jobs.whole_from", values);
    return words.text(`jobs.${whole}${above ? "above" : "range"}`, values);
  }

  told(value) {
    if (typeof value !== "number") return String(value);
    const number = this.words.number(value, 3);
    const unit = UNITS[Object.keys(UNITS).find((ending) => this.name.endsWith(ending))];
    return unit === undefined ? number : this.words.text(unit, { value: number });
  }

  // What was entered: undefined where nothing was, so that the default counts.
  get value() {
    return READERS[this.kind](this.control, this.schema);
  }

  get wrong() {
    return this.value === WRONG;
  }

  // What stands in the control, right or wrong, and puts it into another.
  get entered() {
    return this.kind === "switch" ? this.control.checked : this.control.value;
  }

  set entered(text) {
    if (this.kind === "switch") this.control.checked = text;
    else this.control.value = text;
  }

  // Says beside the control what it may hold, or takes that back.
  mark(wrong) {
    this.error.textContent = wrong ? this.words.text(`jobs.expected_${this.kind}`, { range: this.range() }) : "";
    if (wrong) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }
}

function kindOf(schema) {
  if (schema.type === "boolean") return "switch";
  if (schema.type === "array") return "list";
  if (schema.enum !== undefined) return "choice";
  if (schema.type === "number" || schema.type === "integer") return "number";
  return schema.format === "date" ? "day" : "text";
}

const CONTROLS = {
  switch: ({ schema }) => element("input", { type: "checkbox", checked: schema.default ?? false }),
  list: () => element("textarea", { rows: 3, autocomplete: "off", spellcheck: "false" }),
  choice: ({ schema }) => element("select", {}, ...schema.enum.map((value) => element(
    "option", { value, selected: value === schema.default }, value,
  ))),
  number: ({ schema }) => element("input", {
    type: "number", inputmode: schema.type === "integer" ? "numeric" : "decimal",
    step: schema.type === "integer" ? "1" : "any", value: schema.default ?? null, autocomplete: "off",
  }),
  day: () => element("input", { type: "date", autocomplete: "off" }),
  text: ({ schema }) => element("input", { type: "text", value: schema.default ?? null, autocomplete: "off" }),
};

const READERS = {
  switch: (control) => control.checked,
  choice: (control) => control.value,
  text: (control) => control.value.trim() || undefined,
  list(control, { items, maxItems }) {
    const lines = control.value.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    if (lines.length === 0) return undefined;
    const fits = lines.length <= maxItems && lines.every((line) => line.length <= items.maxLength);
    return fits ? lines : WRONG;
  },
  day(control, { pattern }) {
    if (control.validity.badInput) return WRONG;
    if (control.value === "") return undefined;
    return new RegExp(pattern).test(control.value) ? control.value : WRONG;
  },
  number(control, schema) {
    if (control.validity.badInput) return WRONG;
    if (control.value === "") return undefined;
    const value = Number(control.value);
    const fits = Number.isFinite(value)
      && (schema.type !== "integer" || Number.isInteger(value))
      && value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity)
      && value > (schema.exclusiveMinimum ?? -Infinity);
    return fits ? value : WRONG;
  },
};
