import { parseRemote } from "../formats/address.ts";

/** Web addresses of a repository on GitHub. */
export interface SourceLinks {
  commit(sha: string): string;
  compare(from: string, to: string): string;
}

/** Undefined when the address (or git remote) is not one on github.com, whose paths are known. */
export function parseSourceLinks(source: string): SourceLinks | undefined {
  const remote = parseRemote(source);
  if (remote?.host !== "github.com" || ![remote.owner, remote.repository].every(isName)) return undefined;
  const base = `https://github.com/${remote.owner}/${remote.repository}`;
  return {
    commit: (sha) => `${base}/commit/${sha}`,
    compare: (from, to) => `${base}/compare/${from}...${to}`,
  };
}

/** GitHub's names need no escaping in a Markdown link. */
function isName(text: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(text);
}
