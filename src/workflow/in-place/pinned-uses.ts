import type { ActionPin } from "./step-change.ts";

/** Action of a step with the comment after it, as written: blanks, `#` and text; empty: there is none. */
export interface WrittenUses {
  readonly uses: string;
  readonly comment: string;
}

/** Style of a pin: commit, exact version, or moving tag. */
type PinStyle = "commit" | "version" | "tag";

function styleOf(uses: string): PinStyle {
  if (/@[0-9a-f]{40}$/.test(uses)) return "commit";
  return /@v?\d+\.\d+\.\d+$/.test(uses) ? "version" : "tag";
}

/**
 * Returns the new action, pinned in the style of the old one as far as it is known: by commit, by exact version, or by tag. A version in the comment
 * after a commit becomes that of the new commit; all other words stay.
 */
export function pinUses({ uses, comment }: WrittenUses, action: string, pin: ActionPin): WrittenUses {
  const style = styleOf(uses);
  const name = `${pin.repository}/${action}`;
  if (style === "version") return { uses: `${name}@${exactVersion(pin) ?? pin.ref}`, comment };
  if (style === "tag") return { uses: `${name}@${pin.ref}`, comment };
  const called = pin.commit?.called;
  return { uses: `${name}@${pin.commit?.id ?? pin.ref}`, comment: commentOf(comment, name, called) };
}

function exactVersion({ commit }: ActionPin): string | undefined {
  return commit !== undefined && /^v?\d+\.\d+\.\d+$/.test(commit.called) ? commit.called : undefined;
}

/** Returns the comment after a pinned commit: `# v6.18.0`, `# tag=v6`, `# ratchet:owner/name@v6`, or words of a person. `called`: the new version. */
function commentOf(comment: string, name: string, called: string | undefined): string {
  if (comment === "") return called === undefined ? "" : ` # ${called}`;
  const [, start = "", word = "", ratchet, version, rest = ""] =
    /^(\s*#\s*)(tag=|pin@|)(ratchet:[^\s@]*@)?(v?\d[\w.+-]*)?(.*)$/s.exec(comment) ?? [];
  if (version === undefined) return comment;
  if (called === undefined) return rest.trim() === "" ? "" : `${start}${rest.trim()}`;
  return `${start}${word}${ratchet === undefined ? "" : `ratchet:${name}@`}${called}${rest}`;
}

/** Whether a file pins actions to commits, or to exact versions. */
export function pinsExactly(text: string): boolean {
  return text.split("\n").some((line) => /\buses:/.test(line) && /@(?:[0-9a-f]{40}\b|v?\d+\.\d+\.\d+)/.test(line));
}
