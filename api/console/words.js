// The words of the page in the language chosen, and how numbers, times and names are told in it.

const STORED = "smartzone.language";
const LOCALES = { th: "th-TH", en: "en-GB" };

export class Words {
  constructor(dictionary) {
    this.dictionary = dictionary;
    this.timezone = "Asia/Bangkok";
    this.choose(preferred());
  }

  choose(language) {
    this.language = language;
    this.locale = LOCALES[language];
    document.documentElement.lang = language;
  }

  remember() {
    try {
      localStorage.setItem(STORED, this.language);
    } catch {
      // A browser that keeps nothing still shows the page.
    }
  }

  has(key) {
    return key in this.dictionary[this.language];
  }

  text(key, values = {}) {
    const text = this.dictionary[this.language][key];
    if (text === undefined) throw new Error(`words.toml has no ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  either(prefix, properties) {
    const other = this.language === "th" ? "en" : "th";
    return properties[`${prefix}_${this.language}`] || properties[`${prefix}_${other}`] || "";
  }

  // The name of a feature, with the street that crosses nearby where it is known.
  place(properties) {
    const name = this.either("name", properties) || this.text("value.unnamed_street");
    const near = this.either("near", properties);
    return near === "" ? name : this.text("plan.near", { name, near });
  }

  number(value, digits = 0) {
    return new Intl.NumberFormat(this.locale, { maximumFractionDigits: digits }).format(value);
  }

  metres(value, digits = 0) {
    return this.text("unit.metres", { value: this.number(value, digits) });
  }

  percent(share) {
    return this.text("unit.percent", { value: this.number(share * 100, 1) });
  }

  // The service tells some texts in both languages at once: "English · Thai".
  own(text) {
    const [english, thai] = text.split(" · ");
    return this.language === "th" && thai !== undefined ? thai : english;
  }

  // An instant by the clock, with its day where that is not today.
  moment(instant) {
    const day = (value) => new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "short", timeZone: this.timezone }).format(value);
    const [then, now] = [day(new Date(instant)), day(new Date())];
    return then === now ? this.clock(instant) : this.text("jobs.moment", { day: then, time: this.clock(instant) });
  }

  clock(instant) {
    const value = new Intl.DateTimeFormat(this.locale, {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: this.timezone,
    }).format(new Date(instant));
    return this.text("plan.clock", { value });
  }

  fillPage() {
    for (const node of document.querySelectorAll("[data-word]")) {
      node.textContent = this.text(node.dataset.word);
    }
    for (const node of document.querySelectorAll("[data-word-label]")) {
      node.setAttribute("aria-label", this.text(node.dataset.wordLabel));
    }
  }
}

function preferred() {
  let stored = null;
  try {
    stored = localStorage.getItem(STORED);
  } catch {
    // As above.
  }
  const asked = new URLSearchParams(location.search).get("lang");
  const candidates = [asked, stored, ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return candidates.find((language) => language in LOCALES) ?? "th";
}
