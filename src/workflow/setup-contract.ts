import type { ActionInput } from "./action-contract.ts";
import { reuseInputs } from "./drop-in-contract.ts";

/** Values of the setup step's input `sudo`. */
export const sudoModes = ["auto", "true", "false"] as const;

/** Inputs of the setup step. */
export const setupInputs = {
  ...reuseInputs,
  sudo: {
    description:
      "`true`: `sudo docker build` goes through Slipway, too; a script lies in Docker's plugin folder of the machine until the job ends. `auto`: on GitHub's own runners, which are thrown away.",
    required: false,
    fallback: "auto",
  },
} as const satisfies Readonly<Record<string, ActionInput>>;
