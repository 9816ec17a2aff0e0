import { type Emulator as Running, createEmulator } from "emulate";
import { type GitHubAnswer, type GitHubRequest, answer, asObject } from "./message.ts";
import { describeOwner } from "./owner.ts";

/** Addresses that an answer is to name: of the API, of the site, and of uploads. */
export interface Bases {
  readonly api: string;
  readonly site: string;
  readonly uploads: string;
}

export interface EmulatorAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Parsed JSON; undefined when there is no body. Addresses are still the emulator's. */
  readonly value: unknown;
}

/** npm `emulate`: the REST that it has, with nothing refused. Started by the first call. */
export interface Emulator {
  call(request: Pick<GitHubRequest, "method" | "body" | "headers">, pathAndQuery: string): Promise<EmulatorAnswer>;
  /** The answer as it leaves, its addresses put right. */
  finish(given: EmulatorAnswer, bases: Bases): GitHubAnswer;
  close(): Promise<void>;
}

/** Whose account workflows act as. */
const botLogin = "github-actions[bot]";

const passedHeaders = ["content-type", "accept"];

export function makeEmulator(repository: {
  readonly owner: string;
  readonly name: string;
  readonly ownerKind: "Organization" | "User";
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
}): Emulator {
  const token = "sandbox";
  let starting: Promise<Running> | undefined;
  const start = () =>
    (starting ??= createEmulator({
      service: "github",
      port: 0,
      seed: { tokens: { [token]: { login: botLogin, scopes: ["repo", "admin:org"] } }, github: seedOf(repository) },
    }));
  let base = "";
  return {
    async call({ method, body, headers }, pathAndQuery) {
      base = (await start()).url;
      const passed = passedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
      const response = await fetch(base + pathAndQuery, {
        method,
        headers: { ...Object.fromEntries(passed), authorization: `token ${token}` },
        ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      });
      const text = await response.text();
      const link = response.headers.get("link");
      return {
        status: response.status,
        headers: link === null ? {} : { link },
        value: text === "" ? undefined : JSON.parse(text),
      };
    },
    finish({ status, headers, value }, bases) {
      const link = headers["link"]?.replaceAll(base, bases.api);
      return answer(
        status,
        { "content-type": "application/json; charset=utf-8", ...headers, ...(link === undefined ? {} : { link }) },
        value === undefined ? "" : JSON.stringify(value, (key, each: unknown) => rebase(key, each, base, bases)),
      );
    },
    close: async () => (await starting)?.close(),
  };
}

const siteKeys = /^(html|browser_download|clone|git|svn|avatar|diff|patch|mirror)_url$/;

function rebase(key: string, value: unknown, base: string, bases: Bases): unknown {
  if (typeof value !== "string") return complete(value, bases);
  if (key === "documentation_url") return "https://docs.github.com/rest";
  if (!value.startsWith(`${base}/`)) return value;
  const to = key === "upload_url" ? bases.uploads : siteKeys.test(key) ? bases.site : bases.api;
  return to + value.slice(base.length);
}

/** Accounts and repositories with the fields that the emulator leaves out. */
function complete(value: unknown, bases: Bases): unknown {
  const { login, id, type, full_name: name } = asObject(value) ?? {};
  if (typeof login === "string" && type !== undefined) {
    const kind = type === "Organization" ? type : "User";
    const bot = login.endsWith("[bot]") ? { type: "Bot" } : {};
    return { ...describeOwner({ login, id: Number(id), kind }, bases.api, bases.site), ...asObject(value), ...bot };
  }
  return typeof name === "string" ? { network_count: 0, subscribers_count: 0, ...asObject(value) } : value;
}

function seedOf(repository: Parameters<typeof makeEmulator>[0]): object {
  const { owner, name, ownerKind, isPrivate, defaultBranch } = repository;
  const isOrganization = ownerKind === "Organization";
  return {
    users: [{ login: botLogin }, ...(isOrganization ? [] : [{ login: owner }])],
    orgs: isOrganization ? [{ login: owner, members: [{ login: botLogin, role: "admin" }] }] : [],
    repos: [{ owner, name, private: isPrivate, default_branch: defaultBranch }],
  };
}
