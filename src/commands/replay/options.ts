import { numberFlag, parsedFlag } from "../flag.ts";
import type { OptionsOf } from "../spec.ts";

export const replayWritten = {
  arguments: {},
  flags: {
    commits: numberFlag("--commits <n>", "how many commits to look at", 200),
    buildSeconds: parsedFlag(
      "--build-seconds <seconds>",
      "how long a service's build takes, to estimate what is saved",
      {
        takes: "a number of seconds, such as 90",
        parse: parseSeconds,
      },
    ),
  },
};

export type ReplayOptions = OptionsOf<typeof replayWritten>;

function parseSeconds(text: string): number | undefined {
  const seconds = Number(text);
  return text.trim() === "" || !(seconds >= 0) || seconds === Infinity ? undefined : seconds;
}
