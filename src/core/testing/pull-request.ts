import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestRepository } from "../../source/testing/repository.ts";

/** Environment variables of a run for pull request 7. `trunk`: the base commit; default: the one that is checked out. */
export async function pullRequestOf(repository: TestRepository, trunk?: string): Promise<Record<string, string>> {
  const sha = trunk ?? (await repository.git("rev-parse", "HEAD"));
  const path = join(repository.root, ".git", "event.json");
  await writeFile(path, JSON.stringify({ pull_request: { number: 7, base: { sha } } }));
  return { GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/7/merge", GITHUB_EVENT_PATH: path };
}
