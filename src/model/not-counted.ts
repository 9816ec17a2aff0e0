/**
 * All that reaches BuildKit without being part of the fingerprint, each with the reason. The list is complete:
 * `src/core/building/accounts.test.ts` goes over every flag, variable and staged byte of a build request.
 */
export const notCounted = {
  stamp: "its definition says that the image is as good with any value",
  unread: "no instruction that the target needs declares it: it is not handed to BuildKit",
  proxy:
    "it says how the network is reached; BuildKit's own cache leaves it out, so counting it would not bring it into the image",
  secret: "a build uses its value and must not keep it; its name counts",
  ssh: "a build uses the agent and keeps nothing of it; its name counts",
  "own label": "it says when, from which commit and for which release an image was built",
  cache: "where layers that were built before are taken from and written to",
  output: "where the image goes, and in which media types: a change of those is a change of the algorithm",
  attestation: "it is about the image, not of it",
  progress: "how the build is reported",
  builder: "which BuildKit builds, and how it is reached",
  "folder name":
    "the name under which BuildKit keeps a context, where a file lies on this machine, and where a context lies in the repository",
  "file time": "BuildKit's own cache leaves it out, and git does not keep it",
  "source of a digest": "where content of a counted digest is fetched from",
  layout: "where lines of the Dockerfile stand; lines that do not count are handed over blank",
  check: "a `# check=` line may refuse a build, and changes nothing in an image",
  "ignore file": "it leaves nothing out: the files that are staged are the ones that are counted",
} as const;

export type NotCounted = keyof typeof notCounted;
