import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Engine } from "../../core/testing/engine.ts";

/** Puts an engine that lives in this process behind an executable `docker`; for one test. Gives the folder for `PATH`. */
export async function makeEngineProgram(engine: Engine): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const answer = async (): Promise<void> => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      const args = JSON.parse(Buffer.concat(parts).toString("utf8")) as string[];
      const stderr: string[] = [];
      const options = { onStderrLine: (line: string) => void stderr.push(line) };
      const { exitCode, stdout } = await engine.run(args, options, new AbortController().signal);
      const text = new TextDecoder().decode(stdout);
      outgoing.end(JSON.stringify({ exitCode, stdout: text, stderr: stderr.join("\n") }));
    };
    answer().catch((error: unknown) => {
      outgoing.end(JSON.stringify({ exitCode: 99, stdout: "", stderr: String(error) }));
    });
  });
  const port = await listen(server);
  const folder = mkdtempSync(join(tmpdir(), "slipway-engine-program-"));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await new Promise((resolve) => server.close(resolve));
  });
  const program = `#!${process.execPath}
const body = JSON.stringify(process.argv.slice(2));
fetch("http://127.0.0.1:${port}", { method: "POST", body })
  .then((response) => response.json())
  .then(({ exitCode, stdout, stderr }) => {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = exitCode;
  });
`;
  writeFileSync(join(folder, "docker"), program, { mode: 0o755 });
  return folder;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
