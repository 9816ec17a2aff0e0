/** A command line that works as it stands, and what it is for. */
export interface Example {
  readonly run: string;
  readonly for: string;
}

/** What the help of each command shows below its options; `slipway` is the program's own. */
const examples: Readonly<Record<string, readonly Example[]>> = {
  slipway: [
    { run: "slipway services", for: "what is released from this repository" },
    { run: "slipway plan", for: "what would be built or reused, and why" },
    { run: "slipway release 1.2.0", for: "build what changed, commit the release, move the tags" },
    { run: "slipway status", for: "what is released, and where each tag is" },
  ],
  init: [
    { run: "slipway init --dry-run", for: "what it would write" },
    { run: "slipway init --yes --jobs matrix", for: "do not ask" },
    { run: "slipway init --guides", for: "also the guides" },
    { run: "slipway init --runner linux/arm64=self-hosted,arm", for: "your own runners" },
  ],
  services: [
    { run: "slipway services", for: "a line a service" },
    { run: "slipway services --json", for: "with build args, targets and image names" },
  ],
  plan: [
    { run: "slipway plan", for: "a line a service" },
    { run: "slipway plan api", for: "what changed since api was published" },
    { run: "slipway plan --force api", for: "as if api had changed" },
    { run: "slipway plan --json", for: "for a program" },
  ],
  inputs: [
    { run: "slipway inputs api", for: "files, args, base images and more" },
    { run: "slipway inputs api --offline", for: "without asking a registry" },
    { run: "slipway inputs api --platform linux/amd64", for: "of one of its platforms" },
  ],
  build: [
    { run: "slipway build", for: "everything that changed" },
    { run: "slipway build api web", for: "two services and what they need" },
    { run: "slipway build --parallel 2 --cache none", for: "two at once, without a cache" },
  ],
  release: [
    { run: "slipway release 1.2.0 --notes-file notes.md", for: "a version, with notes" },
    { run: "slipway release --version-from commits", for: "the next, by its commits" },
    { run: "slipway release 1.2.0 --dry-run", for: "what it would build and move" },
    { run: "slipway release 1.2.1 --only api", for: "a hot-fix of one service" },
    { run: "slipway release", for: "the branch: main, sha-1a2b3c4" },
  ],
  status: [
    { run: "slipway status", for: "the last 10 releases" },
    { run: "slipway status --limit 1", for: "the last release" },
  ],
  rollback: [
    { run: "slipway rollback 1.1.0 --dry-run", for: "which tags would move" },
    { run: "slipway rollback 1.1.0", for: "latest, 1 and 1.1 to where 1.1.0 put them" },
  ],
  abandon: [
    { run: "slipway abandon 1.0.7 --dry-run", for: "which tags would move" },
    { run: "slipway abandon 1.0.7", for: "latest, 1, 1.0 as if it were not there" },
  ],
  cache: [
    { run: "slipway cache list", for: "what is stored, by tier and service" },
    { run: "slipway cache prune", for: "what need not be, and why" },
  ],
  "cache list": [
    { run: "slipway cache list", for: "everything" },
    { run: "slipway cache list --service api --tier registry", for: "one service's" },
    { run: "slipway cache list --json", for: "every entry, for a program" },
  ],
  "cache prune": [
    { run: "slipway cache prune", for: "what would go" },
    { run: "slipway cache prune --yes", for: "delete it" },
    { run: "slipway cache prune --budget 5GB --yes", for: "by one rule" },
    { run: "slipway cache prune --pull-request 12 --yes", for: "when it is closed" },
  ],
  replay: [
    { run: "slipway replay", for: "the last 200 commits" },
    { run: "slipway replay --build-seconds 90", for: "with the minutes that it saves" },
  ],
};

export function examplesOf(command: string): readonly Example[] {
  return examples[command] ?? [];
}

/** As the help shows them, with what each is for in one column. */
export function renderExamples(command: string): string {
  const shown = examplesOf(command);
  const width = Math.max(...shown.map(({ run }) => run.length));
  return ["\nExamples:", ...shown.map((each) => `  $ ${each.run.padEnd(width)}  ${each.for}`)].join("\n");
}
