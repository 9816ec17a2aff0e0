import { expect, test } from "vitest";
import { rewritePaths, withoutTags } from "./change-arguments.ts";

const rewrite = { source: (path: string) => `S(${path})`, other: (path: string) => `O(${path})` };

test.each<[readonly string[], readonly string[]]>([
  [
    ["--push", "-t", "a:1", "api"],
    ["--push=true", "--tag=a:1", "S(api)"],
  ],
  [
    ["-f", "docker/Dockerfile", "."],
    ["--file=S(docker/Dockerfile)", "S(.)"],
  ],
  [
    ["--build-context", "src=../src", "."],
    ["--build-context=src=S(../src)", "S(.)"],
  ],
  [
    ["--build-context", "base=docker-image://a@sha256:1", "."],
    ["--build-context=base=docker-image://a@sha256:1", "S(.)"],
  ],
  [
    ["--build-context", "lib=git@github.com:a/b.git", "."],
    ["--build-context=lib=git@github.com:a/b.git", "S(.)"],
  ],
  [
    ["--metadata-file", "m.json", "--iidfile=id", "."],
    ["--metadata-file=O(m.json)", "--iidfile=O(id)", "S(.)"],
  ],
  [
    ["--secret", "id=a,src=k", "--secret", "id=b,env=B", "--secret", "type=env,id=c,src=C", "."],
    ["--secret=id=a,src=O(k)", "--secret=id=b,env=B", "--secret=type=env,id=c,src=C", "S(.)"],
  ],
  [
    ["--cache-to", "type=local,dest=c", "--cache-from", "type=gha,src=x", "."],
    ["--cache-to=type=local,dest=O(c)", "--cache-from=type=gha,src=x", "S(.)"],
  ],
  [
    ["--ssh", "default", "--ssh", "k=a,b", "."],
    ["--ssh=default", "--ssh=k=O(a),O(b)", "S(.)"],
  ],
  [
    ["--build-arg", "A=b,c", "--label", "x=y z", "."],
    ["--build-arg=A=b,c", "--label=x=y z", "S(.)"],
  ],
])("%j", (argv, expected) => expect(rewritePaths(argv, rewrite)).toEqual(expected));

test("tags are left out however they are written", () => {
  const argv = ["--push", "-t", "a:1", "-ta:2", "--tag=b", "--label", "tag=a:1", "."];
  expect(withoutTags(argv, (tag) => tag.startsWith("a:"))).toEqual(["--push=true", "--tag=b", "--label=tag=a:1", "."]);
});
