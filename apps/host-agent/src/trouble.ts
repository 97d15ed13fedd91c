/** Says what is wrong once, however often it is met again, and once more that it is over. */
export class Trouble {
  readonly #warn: (message: string) => void;
  #said: string | undefined;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  meet(message: string): void {
    if (message !== this.#said) this.#warn(message);
    this.#said = message;
  }

  end(message: string): void {
    if (this.#said !== undefined) this.#warn(message);
    this.#said = undefined;
  }
}
