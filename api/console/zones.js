// The zones of the service: links to the others, where there are any.

import { element } from "./dom.js";
import { readJson } from "./service.js";

export class Zones {
  // `rights` tells, by zone, whether the account has rights there.
  constructor(nav, { words, zone, account, rights }) {
    Object.assign(this, { nav, words, zone, account, rights, zones: [] });
    nav.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.fold();
    });
    document.addEventListener("click", ({ target }) => {
      if (!nav.contains(target)) nav.querySelector("details")?.removeAttribute("open");
    });
  }

  async begin() {
    if (Object.keys(this.rights).length < 2) return;
    this.zones = (await readJson("/zones")).zones.filter(({ served }) => served);
    this.draw();
  }

  fold() {
    this.nav.querySelector("details").open = false;
    this.nav.querySelector("summary").focus();
  }

  draw() {
    this.nav.hidden = this.zones.length < 2;
    if (this.nav.hidden) return;
    const { words } = this;
    this.nav.setAttribute("aria-label", words.text("zones.choose"));
    this.nav.replaceChildren(element(
      "details",
      {},
      element("summary", {}, words.text("zones.choose")),
      element("ul", {}, ...this.zones.map((zone) => element("li", {}, ...this.entry(zone)))),
    ));
  }

  // A zone without layers has nothing to show yet; one without rights is shown as the public sees it.
  entry(zone) {
    const { words } = this;
    const name = words.either("name", zone) || words.either("station", zone) || zone.id;
    if (!zone.loaded) return [element("span", {}, name, element("small", {}, words.text("zones.empty")))];
    const foreign = this.account !== null && !this.rights[zone.id];
    return [element(
      "a",
      { href: `/zones/${zone.id}/console`, "aria-current": zone.id === this.zone ? "page" : null },
      name,
      foreign ? element("small", {}, words.text("zones.public_only")) : null,
    )];
  }
}
