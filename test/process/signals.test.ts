import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";

const main = resolve(import.meta.dirname, "../../src/cli/main.ts");

let repository: TestRepository;
let registry: Server;
let tools: string;

/** Its patterns are what a matcher that tries every way would never come to the end of. */
beforeAll(async () => {
  registry = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((listening) => registry.listen(0, "127.0.0.1", listening));
  const address = registry.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const stars = "*a*a*a*a*a*a*b*";
  repository = await makeTestRepository({
    "api/Dockerfile": `FROM scratch\nARG X=${"a".repeat(200)}\nLABEL x=\${X%%${stars}}\nCOPY d/${stars} d/*a /\n`,
    "api/.dockerignore": `d/${stars}\n`,
    ...Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`api/d/${"a".repeat(200 + index)}`, "1"])),
    "slipway.yaml": `images: 127.0.0.1:${port}/shop/{service}\n`,
  });
  tools = join(repository.root, ".git/tools");
  await mkdir(tools);
  // Signals its parent when git has listed the commit's files: the program has yet to match them.
  const git = [
    "#!/bin/sh",
    `PATH="\${PATH#*${delimiter}}"`,
    'git "$@"',
    "code=$?",
    'case " $* " in *" ls-tree "*) test -z "$SENT" || kill -s "$SENT" $PPID ;; esac',
    "exit $code\n",
  ].join("\n");
  await writeFile(join(tools, "git"), git);
  await chmod(join(tools, "git"), 0o755);
});
afterAll(async () => {
  await new Promise((closed) => registry.close(closed));
  await repository.dispose();
});

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
}

function plan(sent: string): Promise<Ended> {
  const env = { ...repository.host.env, PATH: `${tools}${delimiter}${process.env["PATH"]}`, SENT: sent };
  return new Promise((ended) => {
    execFile(process.execPath, [main, "plan", "--json"], { cwd: repository.root, env }, (error, stdout) =>
      ended({ code: error === null ? 0 : error.code, stdout }),
    );
  });
}

test("a plan over patterns of many stars comes to its end", async () => {
  const { code, stdout } = await plan("");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ steps: [{ service: "api", kind: "build" }] });
});

test.each(["INT", "TERM"])("SIG%s while it is made ends it, with exit code 130 and no plan", async (signal) => {
  const { code, stdout } = await plan(signal);
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "interrupted" } });
});
