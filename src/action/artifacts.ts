import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage, SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";

/** What the jobs of a run hand to each other: JSON under names that are used once. */
export interface ArtifactStore {
  /** Of this run, all attempts; newest first. */
  list(): Promise<readonly StoredArtifact[]>;
  put(name: string, value: object): Promise<void>;
  get(artifact: StoredArtifact): Promise<unknown>;
}

export interface StoredArtifact {
  readonly name: string;
  readonly id: number;
}

/** They are read within the run; a day is the least that GitHub keeps them. */
const retentionDays = 1;

/** GitHub's store for the run that this job is of. All throw `unavailable` with the store's words. */
export function makeArtifactStore(host: Host): ArtifactStore {
  const inFolder = async <T>(task: (folder: string) => Promise<T>): Promise<T> => {
    const folder = await mkdtemp(join(host.env["RUNNER_TEMP"] ?? host.cwd, "slipway-artifact-"));
    try {
      return await task(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return {
    list: () =>
      asking("listing the run's artifacts", async (client) => {
        const { artifacts } = await client.listArtifacts();
        return artifacts.map(({ name, id }) => ({ name, id }));
      }),
    put: (name, value) =>
      inFolder(async (folder) => {
        const file = join(folder, `${name}.json`);
        await writeFile(file, JSON.stringify(value));
        await asking(`storing the artifact ${name}`, (client) =>
          client.uploadArtifact(name, [file], folder, { retentionDays }),
        );
      }),
    get: ({ name, id }) =>
      inFolder(async (folder) => {
        const doing = `reading the artifact ${name}`;
        await asking(doing, (client) => client.downloadArtifact(id, { path: folder }));
        const [file = ""] = await readdir(folder);
        return asking(doing, async () => JSON.parse(await readFile(join(folder, file), "utf8")) as unknown);
      }),
  };
}

type Client = import("@actions/artifact").ArtifactClient;

let client: Promise<Client> | undefined;

/** The client is large, and loaded where artifacts are used. */
async function asking<T>(doing: string, task: (client: Client) => Promise<T>): Promise<T> {
  client ??= import("@actions/artifact").then(({ DefaultArtifactClient }) => new DefaultArtifactClient());
  try {
    return await task(await client);
  } catch (error) {
    throw new SlipwayError("unavailable", `${doing}: ${errorMessage(error)}`, {
      hint: "GitHub's artifacts may be down, or are not there on an Enterprise Server; one job needs none: `slipway init --jobs single`",
      cause: error,
    });
  }
}
