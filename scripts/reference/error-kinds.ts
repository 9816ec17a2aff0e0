import { type ErrorKind, errorKinds } from "../../src/model/error-kind.ts";

/** Every kind, in the order of the program's table. */
export function errorKindNames(): ErrorKind[] {
  return Object.keys(errorKinds).filter((name): name is ErrorKind => name in errorKinds);
}

/** Every kind of error with its code, what it means and what to do, a row each. */
export function renderErrorKinds(): string {
  const rows = errorKindNames().map((kind) => {
    const { code, means, remedy } = errorKinds[kind];
    return `| \`${kind}\` | ${code} | ${means} | ${remedy ?? "as the hint says"} |`;
  });
  return ["| `error.kind` | `error.code` | what went wrong | what to do |", "|---|---|---|---|", ...rows].join("\n");
}
