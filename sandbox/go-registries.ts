import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureGoProgram, type GoProgram } from "./go-program.ts";
import type { Log } from "./packages.ts";
import { endProcess, type ProcessRecord, startServer } from "./processes.ts";
import { renderRegistryConfig, untilItAnswers } from "./registry.ts";
import { freePorts } from "./state.ts";

/** Registries that are compiled from their Go modules. */
export type GoRegistry = "distribution" | "go-containerregistry" | "olareg";

/** One of them on the loopback interface. */
export interface GoRegistryServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly process: ProcessRecord;
  stop(): Promise<void>;
}

/** How one is to be. */
export interface GoRegistryOptions {
  /** Where it keeps its data and its log. */
  readonly dir: string;
  /** Further arguments of olareg: `--store-ro`, `--rate-limit`. */
  readonly args?: readonly string[];
  readonly log?: Log;
}

/** It listens on loopback alone, which the module's own command does not. */
const goContainerRegistryMain = `package main

import (
	"log"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	log.Fatal(http.ListenAndServe(os.Args[1], registry.New(registry.WithReferrersSupport(true))))
}
`;

const programs: Readonly<Record<GoRegistry, GoProgram>> = {
  distribution: {
    what: "distribution's registry",
    file: "go/distribution-3.1.2/registry",
    package: "github.com/distribution/distribution/v3/cmd/registry",
    version: "v3.1.2",
  },
  "go-containerregistry": {
    what: "go-containerregistry's registry",
    file: "go/go-containerregistry-0.22.1/registry",
    package: "github.com/google/go-containerregistry/pkg/registry",
    version: "v0.22.1",
    source: goContainerRegistryMain,
  },
  olareg: {
    what: "olareg",
    file: "go/olareg-0.1.2/olareg",
    package: "github.com/olareg/olareg/cmd/olareg",
    version: "v0.1.2",
  },
};

/**
 * Starts one and waits until it answers; it ends with this process. It is compiled where it is not there yet: in seconds two of
 * them, in minutes distribution's.
 * @throws SandboxUnavailable without Go, or where its module cannot be had.
 */
export async function startGoRegistry(kind: GoRegistry, options: GoRegistryOptions): Promise<GoRegistryServer> {
  const program = await ensureGoProgram(programs[kind], options.log ?? (() => undefined));
  const [port = 0] = await freePorts(1);
  mkdirSync(join(options.dir, "data"), { recursive: true });
  const log = join(options.dir, "registry.log");
  const env = { ...process.env, OTEL_TRACES_EXPORTER: "none" };
  const args = [...argumentsOf(kind, options.dir, port), ...(options.args ?? [])];
  const server = startServer(kind, program, args, { env, stdout: log, stderr: log, tied: true });
  try {
    await untilItAnswers(port, server, log);
  } catch (error) {
    await endProcess(server);
    throw error;
  }
  return { host: `127.0.0.1:${port}`, process: server, stop: () => endProcess(server) };
}

function argumentsOf(kind: GoRegistry, dir: string, port: number): readonly string[] {
  switch (kind) {
    case "distribution": {
      const config = join(dir, "config.yml");
      writeFileSync(config, renderRegistryConfig({ folder: dir, address: `127.0.0.1:${port}` }, {}));
      return ["serve", config];
    }
    case "go-containerregistry":
      return [`127.0.0.1:${port}`];
    case "olareg":
      return ["serve", "--addr", "127.0.0.1", "--port", String(port), "--dir", join(dir, "data"), "--api-delete"];
  }
}
