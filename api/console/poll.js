// Asks the service again and again: the less often the less happens, and never while nobody looks.

const FIRST_MS = 1000;
const LONGEST_MS = 10_000;
const SLOWER = 1.5;

export class Poll {
  // `ask` asks once. `take` is given the answer, or null where none came, and tells "changed",
  // "same", or "over" where there is nothing to wait for.
  constructor(ask, take) {
    Object.assign(this, { ask, take });
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
    return this.goOn(FIRST_MS);
  }

  async goOn(wait) {
    if (document.hidden) return;
    const turn = this.turn;
    const answer = await this.ask().catch(() => null);
    // An answer that was overtaken may be older than what is known.
    if (turn !== this.turn) return;
    const found = this.take(answer);
    if (found === "over") return;
    const next = found === "changed" ? FIRST_MS : Math.min(LONGEST_MS, wait * SLOWER);
    this.timer = setTimeout(() => this.goOn(next), wait);
  }
}
