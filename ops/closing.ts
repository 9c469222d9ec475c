/** What has been started and must be ended, in the opposite order. */
export class Closing {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Runs every step once, the last one first; a step that fails does not keep the others from running. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const failed: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      await step().catch((error: unknown) => failed.push(error));
    }
    if (failed.length > 0) {
      const what = failed.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
      throw new AggregateError(failed, `not everything was ended in order: ${what}`);
    }
  }
}
