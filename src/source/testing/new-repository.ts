import { onTestFinished } from "vitest";
import { makeTestRepository, type TestFile, type TestRepository } from "./repository.ts";

/** Makes a repository with these files in its first commit for one test, and removes it when the test ends. */
export async function newRepository(files: Readonly<Record<string, TestFile>>): Promise<TestRepository> {
  const made = await makeTestRepository(files);
  onTestFinished(() => made.dispose());
  return made;
}
