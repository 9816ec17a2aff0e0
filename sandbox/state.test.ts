import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endProcess, isAlive, ownProcess, pause, startServer } from "./processes.ts";
import {
  freePorts,
  isOwned,
  isUp,
  readInstances,
  socketFolder,
  withLock,
  writeInstance,
  type Instance,
} from "./state.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-"));
  vi.stubEnv("SLIPWAY_SANDBOX_DIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const ready = { registry: "127.0.0.1:1", mirror: "http://127.0.0.1:2", env: {} };

function instance(change: Partial<Instance>): Instance {
  return { name: "i", owner: undefined, kind: "own", processes: [], bridges: [], builders: [], ready, ...change };
}

/** The record of a process that has ended. */
async function deadProcess() {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return { pid: child.pid ?? 0, started: "1", what: "server" };
}

test("ports that are asked for together differ, and can be listened on", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  const server = createServer().listen(ports[0], "127.0.0.1");
  await once(server, "listening");
  server.close();
});

test("what is written of an instance is read back", () => {
  writeInstance(instance({ name: "a", bridges: ["sw-1"] }));
  expect(readInstances()).toMatchObject([{ name: "a", bridges: ["sw-1"], ready }]);
});

test("an instance is owned while the process that made it runs", async () => {
  expect(isOwned(instance({ owner: ownProcess() }))).toBe(true);
  expect(isOwned(instance({ owner: await deadProcess() }))).toBe(false);
  expect(isOwned(instance({ owner: undefined }))).toBe(false);
});

test("a process with the id of an earlier one is a stranger", async () => {
  const stranger = { ...ownProcess(), started: "12345" };
  expect(isAlive(stranger)).toBe(false);
  await endProcess(stranger);
  expect(isAlive(ownProcess())).toBe(true);
});

test("an instance is up when it is ready and all of it runs", async () => {
  expect(isUp(instance({ processes: [ownProcess()] }))).toBe(true);
  expect(isUp(instance({ processes: [ownProcess(), await deadProcess()] }))).toBe(false);
  expect(isUp(instance({ ready: undefined }))).toBe(false);
});

test("two bodies under one lock do not overlap", async () => {
  const steps: string[] = [];
  const body = (name: string) => async () => {
    steps.push(`${name} begins`);
    await pause(30);
    steps.push(`${name} ends`);
  };
  await Promise.all([withLock("l", body("a")), withLock("l", body("b"))]);
  expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("the lock of a process that died does not hold", async () => {
  writeFileSync(join(folder, "l.lock"), JSON.stringify(await deadProcess()));
  await expect(withLock("l", () => Promise.resolve("done"))).resolves.toBe("done");
  expect(readdirSync(folder)).toEqual([]);
});

test("waiting for a lock can be given up", async () => {
  const stop = new AbortController();
  await withLock("l", async () => {
    const waiting = withLock("l", () => Promise.resolve(), stop.signal);
    stop.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow("interrupted");
  });
});

test("sockets lie under a short path however long the state folder's is", () => {
  const long = join(folder, "a".repeat(60), "b".repeat(60));
  vi.stubEnv("SLIPWAY_SANDBOX_DIR", long);
  const sockets = socketFolder("main");
  expect(`${sockets}/exec/containerd/containerd.sock.ttrpc`.length).toBeLessThan(104);
  rmSync(sockets, { recursive: true });
});

test("a server is ended by its record, even when it does not want to", async () => {
  const log = join(folder, "log");
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
  const server = startServer("stubborn", process.execPath, ["-e", script], {
    env: process.env,
    stdout: log,
    stderr: log,
    tied: false,
  });
  expect(isAlive(server)).toBe(true);
  await endProcess(server, 200);
  expect(isAlive(server)).toBe(false);
});
