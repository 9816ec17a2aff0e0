/**
 * A value that no text, JSON document or console shows: each of them gets a mark instead. `reveal` gives the value, to whoever sends it
 * or keeps it out of a log.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return mark;
  }

  toJSON(): string {
    return mark;
  }

  /** Node's console and `util.inspect` ask for it. https://nodejs.org/api/util.html#custom-inspection-functions-on-objects */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mark;
  }
}

const mark = "[secret]";
