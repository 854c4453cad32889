// Asks the service again and again: the less often the less happens, and never while nobody looks.

const FIRST_MS = 1000;
const LONGEST_MS = 15_000;
const SLOWER = 1.5;

export class Poll {
  // `look` asks once, and tells "changed", "same", or "over" where there is nothing to wait for.
  constructor(look) {
    this.look = look;
    this.turn = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.pause();
      else this.wake();
    });
  }

  pause() {
    clearTimeout(this.timer);
    this.turn += 1;
  }

  // Asks at once, and often again at first.
  wake() {
    this.pause();
    return this.ask(FIRST_MS);
  }

  async ask(wait) {
    if (document.hidden) return;
    const turn = this.turn;
    const found = await this.look();
    if (turn !== this.turn || found === "over") return;
    const next = found === "changed" ? FIRST_MS : Math.min(LONGEST_MS, wait * SLOWER);
    this.timer = setTimeout(() => this.ask(next), wait);
  }
}
