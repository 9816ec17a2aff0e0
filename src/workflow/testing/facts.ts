import { type Platform, parsePlatform } from "../../model/platform.ts";
import type { WorkflowFacts, WorkflowService } from "../facts.ts";

export function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined) throw new Error(`no platform: ${text}`);
  return parsed;
}

export function service(name: string, more: Partial<Omit<WorkflowService, "name">> = {}): WorkflowService {
  return { name, platforms: [platform("linux/amd64")], needs: [], registries: ["ghcr.io"], ...more };
}

/** Facts of a small repository on GitHub. */
export function makeFacts(more: Partial<WorkflowFacts> = {}): WorkflowFacts {
  return {
    services: ["api", "gateway", "web", "worker"].map((name) => service(name)),
    tags: ["v{version}"],
    trunk: "main",
    action: { repository: "acme/slipway", ref: "0123456789abcdef0123456789abcdef01234567", called: "v1.0.0" },
    server: "https://github.com",
    plansWithDocker: false,
    jobs: undefined,
    runners: { byPlatform: {}, light: undefined, atOnce: undefined },
    semanticRelease: undefined,
    shadow: false,
    signsKeyless: false,
    adopted: undefined,
    registries: more.adopted?.registries ?? [],
    ...more,
  };
}
