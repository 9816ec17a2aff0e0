/** Web addresses of a repository on GitHub. */
export interface SourceLinks {
  commit(sha: string): string;
  compare(from: string, to: string): string;
}

const githubPattern =
  /^(?:https?:\/\/(?:[^@/]*@)?github\.com\/|ssh:\/\/git@github\.com\/|git@github\.com:)([A-Za-z0-9_.-]+)\/([A-Za-z0-9_.-]+?)(?:\.git)?\/?$/;

/** Undefined when the address (or git remote) is not one on github.com, whose paths are known. */
export function parseSourceLinks(source: string): SourceLinks | undefined {
  const [, owner, name] = githubPattern.exec(source) ?? [];
  if (owner === undefined || name === undefined) return undefined;
  const base = `https://github.com/${owner}/${name}`;
  return {
    commit: (sha) => `${base}/commit/${sha}`,
    compare: (from, to) => `${base}/compare/${from}...${to}`,
  };
}
