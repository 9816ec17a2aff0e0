import type { ActionInput } from "./action-contract.ts";

/** What the input `sudo` of the setup step may be. */
export const sudoModes = ["auto", "true", "false"] as const;

/** Inputs of the setup step. */
export const setupInputs = {
  reuse: {
    description:
      "`on`: an image whose inputs did not change is not built again. `report`: everything is built, and the summary says what would have been reused. `off`: plain builds. The variable `SLIPWAY_REUSE` goes before it.",
    required: false,
    fallback: "on",
  },
  fingerprints: {
    description:
      "Where fingerprints are kept: `same`, tags `fp-…` beside the image; an image name; `off`, nowhere, so that nothing is reused.",
    required: false,
    fallback: "same",
  },
  refresh: {
    description: "Age from which an image is built anew, such as `30d` or `12h`: a `RUN` may have read the network.",
    required: false,
    fallback: "30d",
  },
  bases: {
    description: "`follow`: a base that moved is a reason to build. `hold`: it is none.",
    required: false,
    fallback: "follow",
  },
  stamp: {
    description: "Build args that are as good with any value, such as `GIT_SHA`: no reason to build.",
    required: false,
    fallback: "",
  },
  "protect-tags": {
    description:
      "`true`: a tag that was moved for a later commit stays where it is. Else a warning says so, and it is moved.",
    required: false,
    fallback: "false",
  },
  sudo: {
    description:
      "`true`: `sudo docker build` goes through Slipway, too; a script lies in Docker's plugin folder of the machine until the job ends. `auto`: on GitHub's own runners, which are thrown away.",
    required: false,
    fallback: "auto",
  },
} as const satisfies Readonly<Record<string, ActionInput>>;
