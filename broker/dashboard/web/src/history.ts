// The last ten minutes as the page knows them: what the broker keeps, and what
// has been added since.
import type {HistoryReply} from "./api.ts";

export const SPAN_MS = 600_000;

export class History {
  #series: string[] = [];
  // When it was taken, on this page's clock, and the values.
  #samples: Array<{at: number; values: number[]}> = [];
  #next = 0;

  // What to ask the broker for.
  get next(): number {
    return this.#next;
  }

  get empty(): boolean {
    return this.#samples.length === 0;
  }

  // Adds a reply that came at `now`. What does not go on where the last one
  // ended is all that there is: the broker has started anew, or the page has
  // slept.
  add(reply: HistoryReply, now: number): void {
    if (reply.first !== this.#next || reply.series.length !==
      this.#series.length) {
      this.#samples = [];
    }
    this.#series = reply.series;
    this.#next = reply.next;
    for (const [age = 0, ...values] of reply.samples) {
      this.#samples.push({at: now - age, values});
    }
    const oldest = now - SPAN_MS;
    while (this.#samples[0] && this.#samples[0].at < oldest) {
      this.#samples.shift();
    }
  }

  // Forgets everything, for a broker that is another one now.
  clear(): void {
    this.#samples = [];
    this.#next = 0;
  }

  // Ages in milliseconds, the oldest first.
  ages(now: number): number[] {
    return this.#samples.map(({at}) => Math.max(0, now - at));
  }

  values(name: string): number[] {
    const column = this.#series.indexOf(name);
    return this.#samples.map(({values}) => values[column] ?? 0);
  }

  newest(name: string): number {
    return this.#samples.at(-1)?.values[this.#series.indexOf(name)] ?? 0;
  }
}
