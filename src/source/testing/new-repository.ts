import { onTestFinished } from "vitest";
import { makeTestRepository, type TestFile, type TestRepository } from "./repository.ts";

/** A repository with these files in its first commit, for one test: it is removed with the test's end. */
export async function newRepository(files: Readonly<Record<string, TestFile>>): Promise<TestRepository> {
  const made = await makeTestRepository(files);
  onTestFinished(() => made.dispose());
  return made;
}
