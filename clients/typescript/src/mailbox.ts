/**
 * Tasks that run one after the other. Phoenix: a process' mailbox.
 *
 * Tasks must not throw.
 */
export class Mailbox {
  readonly #tasks: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  post(task: () => Promise<void>): void {
    this.#tasks.push(task);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is left. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // The first one too begins behind its caller.
    await undefined;
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      await task();
    }
    this.#running = undefined;
  }
}
