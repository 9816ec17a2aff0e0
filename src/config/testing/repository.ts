import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { Project, Service } from "../../model/service.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { discover } from "../discover.ts";

export interface ExampleRepository {
  /** Text, or target of a symlink, by path. Paths that begin with `?` exist but are not tracked. */
  readonly files: Readonly<Record<string, string | { readonly link: string }>>;
  /** Root of the repository; default: a folder `shop` that exists only in memory. */
  readonly root?: string;
  readonly remote?: string | undefined;
  readonly host?: Partial<Host>;
  readonly configFile?: string;
}

/** Discovers a repository that exists only in memory. */
export function discoverExample({
  files,
  root = "/nowhere/shop",
  host = {},
  configFile,
  ...given
}: ExampleRepository): Promise<Project> {
  const remote = "remote" in given ? given.remote : "git@github.com:acme/shop.git";
  const texts = new Map(Object.entries(files).map(([path, text]) => [path.replace(/^\?/, ""), text]));
  const tracked = Object.keys(files)
    .filter((path) => !path.startsWith("?"))
    .sort();
  return discover(makeTestHost(host), {
    root,
    ...(configFile === undefined ? {} : { configFile }),
    files: {
      tracked,
      remote,
      read: async (path) => {
        const file = texts.get(path);
        if (file === undefined) return undefined;
        return new TextEncoder().encode(typeof file === "string" ? file : file.link);
      },
      isLink: (path) => typeof texts.get(path) === "object",
    },
  });
}

/** The lines of the error that discovery throws. */
export async function faultsOf(repository: ExampleRepository): Promise<string[]> {
  try {
    const project = await discoverExample(repository);
    return [`no error, but ${project.services.map(({ name }) => name).join(", ")}`];
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return error.message.split("\n");
  }
}

/** The service with this name. */
export function serviceOf({ services }: Project, name: string): Service {
  const service = services.find((each) => each.name === name);
  if (service === undefined) throw new Error(`no ${name} among ${services.map((each) => each.name).join(", ")}`);
  return service;
}

/** The fields in which a service differs from the defaults, to keep expectations short. */
export function nonDefaults(service: Service): Partial<Service> {
  const plain: Readonly<Record<string, string | undefined>> = {
    target: undefined,
    args: "{}",
    needs: "[]",
    platforms: '["linux/amd64"]',
    contexts: "{}",
    secrets: "[]",
    ssh: "[]",
    labels: "{}",
    annotations: "{}",
    settings: "{}",
    generated: "[]",
    bases: '"follow"',
    refreshSeconds: String(30 * 86_400),
    cache: '"auto"',
    sbom: '"auto"',
    tags: JSON.stringify({
      version: ["{version}", "{major}.{minor}", "{major}", "latest"],
      branch: ["{branch}", "sha-{sha}"],
    }),
    group: '"default"',
  };
  const entries = Object.entries(service).filter(([key, value]) => plain[key] !== JSON.stringify(value));
  return Object.fromEntries(entries);
}
