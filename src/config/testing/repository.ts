import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { Project, Service } from "../../model/service.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { discover } from "../discover.ts";

export interface ExampleRepository {
  /** Path → text, or the target of a symlink. Paths that begin with `?` are there and not tracked. */
  readonly files: Readonly<Record<string, string | { readonly link: string }>>;
  /** Default: a folder called `shop` that is only in memory. */
  readonly root?: string;
  readonly remote?: string | undefined;
  readonly host?: Partial<Host>;
  readonly configFile?: string;
}

/** Discovers a repository that is only in memory; its folder is called `shop`. */
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

/** The lines of the error that discovery ends with. */
export async function faultsOf(repository: ExampleRepository): Promise<string[]> {
  try {
    const project = await discoverExample(repository);
    return [`no error, but ${project.services.map(({ name }) => name).join(", ")}`];
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return error.message.split("\n");
  }
}

/** The service of that name. */
export function serviceOf({ services }: Project, name: string): Service {
  const service = services.find((each) => each.name === name);
  if (service === undefined) throw new Error(`no ${name} among ${services.map((each) => each.name).join(", ")}`);
  return service;
}

/** What differs from a service about which nobody said anything, so that expectations stay short. */
export function said(service: Service): Partial<Service> {
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
    tags: JSON.stringify({
      version: ["{version}", "{major}.{minor}", "{major}", "latest"],
      branch: ["{branch}", "sha-{sha}"],
    }),
    group: '"default"',
  };
  const entries = Object.entries(service).filter(([key, value]) => plain[key] !== JSON.stringify(value));
  return Object.fromEntries(entries);
}
