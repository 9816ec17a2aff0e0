import type { ShellText } from "../shell/expand-word.ts";
import type { PublishedReference } from "./publisher.ts";

/** Makes a reference in which each unknown part stands by its name: `a:${TAG:-x}` becomes `a:‹x, unless TAG is set›`. */
export function nameUnknownParts({ text, unknown }: ShellText): PublishedReference {
  const names = unknown.filter((each) => each !== "").sort((left, right) => right.length - left.length);
  const found = new Set<string>();
  let reference = "";
  for (let at = 0; at < text.length;) {
    const raw = names.find((each) => text.startsWith(each, at));
    const part = raw === undefined ? text.charAt(at) : `‹${nameOfPart(raw)}›`;
    if (raw !== undefined) found.add(part);
    reference += part;
    at += raw?.length ?? 1;
  }
  return { reference, unknown: [...found] };
}

/** Names an unknown part by what decides it: a variable, a command, an expression of the workflow. */
function nameOfPart(raw: string): string {
  if (raw.startsWith("‹") && raw.endsWith("›")) return raw.slice(1, -1).replaceAll(/[‹›]/g, "");
  if (raw.startsWith("${{") && raw.endsWith("}}")) return raw.slice(3, -2).trim();
  const [head, name] = /^\$\{([A-Za-z_]\w*|\d+)/.exec(raw) ?? [];
  if (head !== undefined && name !== undefined && raw.endsWith("}"))
    return nameOfExpansion(/^\d/.test(name) ? `$${name}` : name, raw.slice(head.length, -1));
  // Make writes a variable as the shell writes a command.
  return /^\$\(([A-Za-z_]\w*)\)$/.exec(raw)?.[1] ?? /^\$([A-Za-z_]\w*)$/.exec(raw)?.[1] ?? raw;
}

/** Names an expansion: a default is what the part is unless the variable is set. */
function nameOfExpansion(name: string, operation: string): string {
  const [, sign, word = ""] = /^:?([-=?+])(.*)$/s.exec(operation) ?? [];
  const plain = word.replaceAll(/^["']|["']$/g, "");
  if (sign === "?") return name;
  if (sign === "+") return `${plain}, if ${name} is set`;
  if (sign === undefined) return `${name}${operation}`;
  return plain === "" ? name : `${plain}, unless ${name} is set`;
}
