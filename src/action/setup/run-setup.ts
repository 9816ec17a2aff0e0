import { readDropInOptions } from "../../core/drop-in/read-options.ts";
import { errorMessage, exitCodeOf, SlipwayError } from "../../errors.ts";
import { isHostedRunner } from "../../github/run.ts";
import { annotation, inert } from "../../formats/workflow-command.ts";
import { annotateError } from "../../report/annotate-error.ts";
import { printLogLine } from "../../report/github-log.ts";
import { setupInputs, sudoModes } from "../../workflow/setup-contract.ts";
import { type SetupOutcome, placeStandIn, type SetupRequest, type SetupStep } from "./place-stand-in.ts";
import { readSetupState, removeStandIn } from "./remove-stand-in.ts";

/**
 * Runs the setup step: later builds of the job go through Slipway. If this machine does not allow it, a warning says so, and the job builds as
 * before. Returns the exit code; 2: an input is invalid.
 */
export async function runSetup(step: SetupStep): Promise<number> {
  const { host } = step;
  let request: SetupRequest;
  try {
    request = readSetupInputs(host.env);
  } catch (error) {
    for (const line of annotateError(error)) printLogLine(host, line);
    return exitCodeOf(error);
  }
  const placed = await placeOrNot(step, request);
  for (const line of renderOutcome(placed)) printLogLine(host, line);
  return 0;
}

async function placeOrNot(step: SetupStep, request: SetupRequest): Promise<SetupOutcome> {
  const placed = await placeStandIn(step, request).catch((error: unknown): SetupOutcome => ({
    kind: "not",
    because: errorMessage(error),
  }));
  if (placed.kind === "not") await removeStandIn(step.host, readSetupState(step.runner), step.machine);
  return placed;
}

/** Reads the inputs that GitHub passes in the environment. Throws `option-invalid`. */
function readSetupInputs(env: SetupStep["host"]["env"]): SetupRequest {
  const given = Object.keys(setupInputs).map((name) => [name, (env[`INPUT_${name.toUpperCase()}`] ?? "").trim()]);
  const inputs: Record<string, string> = Object.fromEntries(given.filter(([, value]) => value !== ""));
  readDropInOptions(inputs, env, (name) => `input "${name}"`);
  const sudo = sudoModes.find((mode) => mode === (inputs["sudo"] ?? setupInputs.sudo.fallback));
  if (sudo === undefined) {
    throw new SlipwayError("option-invalid", `input "sudo": "${inputs["sudo"] ?? ""}" is not known`, {
      hint: `one of ${sudoModes.join(", ")}`,
    });
  }
  return { inputs, sudo: sudo === "true" || (sudo === "auto" && isHostedRunner(env)) };
}

function renderOutcome(placed: SetupOutcome) {
  switch (placed.kind) {
    case "placed": {
      const covered = placed.sudo === "on" ? "docker and sudo docker" : "docker";
      const said = inert(
        `Slipway is in place of buildx ${placed.version}: builds of ${covered} go through it until the job ends`,
      );
      if (placed.sudo === "on" || placed.sudo === "off") return [said];
      return [said, warning(`builds of sudo docker do not go through Slipway: ${placed.sudo.because}`)];
    }
    case "again":
      return [inert("Slipway is in place of buildx already: its builds have the inputs of this step from now on")];
    case "not":
      return [warning(`builds go on as without this step: ${placed.because}`)];
  }
}

function warning(message: string) {
  return annotation("warning", message, { title: "Slipway" });
}
