// Tabs by mouse and by keyboard: arrows go round, Home and End lead to the first and the last.
// Each is found again where it was left.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export class Tabs {
  constructor(tabs, body, shown) {
    Object.assign(this, { tabs, body, shown, chosen: tabs[0], left: new Map() });
    for (const tab of tabs) {
      tab.addEventListener("click", () => this.show(tab));
      tab.addEventListener("keydown", (event) => this.press(event, tab));
    }
  }

  press(event, tab) {
    const open = this.tabs.filter(({ hidden }) => !hidden);
    const step = STEPS[event.key] ?? 0;
    let place = (open.indexOf(tab) + step + open.length) % open.length;
    if (event.key === "Home") place = 0;
    else if (event.key === "End") place = open.length - 1;
    else if (step === 0) return;
    event.preventDefault();
    this.show(open[place]);
    open[place].focus();
  }

  show(chosen) {
    this.left.set(this.chosen, this.body.scrollTop);
    this.chosen = chosen;
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
    this.body.scrollTop = this.left.get(chosen) ?? 0;
    this.shown();
  }
}
