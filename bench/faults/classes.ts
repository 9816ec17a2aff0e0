import type { Strike } from "../../test/e2e/gate.ts";

/** A kind of fault that is injected at each request of a release. */
export interface FaultClass {
  readonly name: string;
  /** Explanation for readers of the table. */
  readonly means: string;
  /** `kill` ends the program that made the request. */
  strike(kill: () => void): Strike;
}

const status = (code: number, means: string): FaultClass => ({
  name: String(code),
  means,
  strike: () => ({ kind: "status", status: code }),
});

/** Every class, in the order of the table. */
export const faultClasses: readonly FaultClass[] = [
  {
    name: "drop before",
    means: "the connection is reset, and the registry never sees the request",
    strike: () => ({ kind: "drop", when: "before" }),
  },
  {
    name: "drop after",
    means: "the registry carries the request out, and its answer is lost",
    strike: () => ({ kind: "drop", when: "after" }),
  },
  status(500, "the registry fails"),
  status(502, "a proxy in front of it fails"),
  status(429, "the registry asks for patience"),
  status(401, "credentials are refused for a moment"),
  status(403, "permission is refused for a moment"),
  status(404, "what is there is denied for a moment"),
  {
    name: "cut body",
    means: "half of the answer, then a reset; an answer without a body is lost",
    strike: () => ({ kind: "cut" }),
  },
  {
    name: "delay",
    means: "the answer comes 1.5 seconds late",
    strike: () => ({ kind: "delay", milliseconds: 1500 }),
  },
  {
    name: "altered body",
    means: "one digit of a digest in the answer is another one",
    strike: () => ({ kind: "alter" }),
  },
  {
    name: "kill -9 before",
    means: "the program is killed as it asks, and the registry never sees the request",
    strike: (kill) => ({ kind: "run", when: "before", run: kill }),
  },
  {
    name: "kill -9 after",
    means: "the program is killed when the registry has carried the request out",
    strike: (kill) => ({ kind: "run", when: "after", run: kill }),
  },
];
