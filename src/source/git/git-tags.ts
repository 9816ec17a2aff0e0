import { type Git, decodeText } from "./git.ts";

/**
 * Reads the names of git tags at a commit, including tags of tags: `git tag --points-at` follows one step only. With `--head`, git does not
 * fail when there are no tags.
 */
export async function readTagsAt(git: Git, commit: string): Promise<string[]> {
  const lines = decodeText(await git(["show-ref", "--head", "--tags", "--dereference"])).split("\n");
  const commits = new Map<string, string>();
  for (const line of lines) {
    const [, object = "", name] = /^([0-9a-f]+) refs\/tags\/(.+?)(?:\^\{\})?$/.exec(line) ?? [];
    // The peeled object follows the tag itself.
    if (name !== undefined) commits.set(name, object);
  }
  return [...commits].flatMap(([name, at]) => (at === commit ? [name] : []));
}
