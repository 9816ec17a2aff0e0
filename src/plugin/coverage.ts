import type { BuildNote } from "./build-note.ts";
import type { StandInEnd } from "./docker-folder.ts";
import type { EngineImages } from "./engine-events.ts";

/** Facts about a job's builds at its end. */
export interface JobFacts {
  readonly notes: readonly BuildNote[];
  /** Events of images from the engine; undefined: the engine did not answer. */
  readonly images: EngineImages | undefined;
  readonly end: StandInEnd;
  /** Value of `DOCKER_BUILDKIT`. */
  readonly buildKit: string | undefined;
  /** Whether builds under sudo go through Slipway. */
  readonly hasSudo: boolean;
  /** Whether no other job uses the engine. */
  readonly isAlone: boolean;
}

/** Image that a build made without pushing it, with the names under which it may have been pushed since. */
export interface PossiblePush {
  readonly note: BuildNote;
  /** References under which it may have been pushed: `ghcr.io/acme/api:1.2`. */
  readonly references: readonly string[];
}

/** Returns the pushes to look for: for each build without a record, its tags, and the names that the image was given and pushed under later. */
export function possiblePushes({ notes, images }: Pick<JobFacts, "notes" | "images">): readonly PossiblePush[] {
  return notes.flatMap((note, at) => {
    if (note.pending === null || note.isPushed) return [];
    // A later build with the same tag replaces the image of this one.
    const later = new Set(notes.slice(at + 1).flatMap(({ tags }) => tags));
    const renamed = (images?.pushed ?? []).filter((reference) => {
      const id = images?.named.get(reference);
      return id !== undefined && note.ids.includes(id);
    });
    const references = [...new Set([...note.tags.filter((tag) => !later.has(tag)), ...renamed])];
    return references.length === 0 ? [] : [{ note, references }];
  });
}

/** Explains which builds did not go through Slipway: one sentence each, with the way to change it. */
export function explainUncovered(facts: JobFacts): readonly string[] {
  const { notes, images, end } = facts;
  const replaced =
    "another buildx was installed over the stand-in, so that later builds were plain: put the setup step after the one that installs it";
  const known = new Set(notes.flatMap(({ ids }) => ids));
  const unseen = images === undefined ? [] : [...images.built].filter((id) => !known.has(id));
  return [...(end === "replaced" ? [replaced] : []), ...(unseen.length === 0 ? [] : [explainUnseen(facts, unseen)])];
}

function explainUnseen({ images, buildKit, hasSudo, isAlone, end }: JobFacts, ids: readonly string[]): string {
  const names = new Map([...(images?.named ?? [])].map(([name, id]) => [id, name]));
  // The classic builder makes an image for each instruction; the requested images are those that have names.
  const named = ids.flatMap((id) => names.get(id) ?? []);
  const listed = named.length > 0 ? named : ids.map((id) => id.replace(/^(sha256:[0-9a-f]{12}).*/, "$1"));
  const shown = listed.length > 5 ? [...listed.slice(0, 5), `${listed.length - 5} more`] : listed;
  const causes = [
    ...(end === "replaced" ? ["by the buildx that was installed"] : []),
    isOff(buildKit)
      ? "by Docker's classic builder, since DOCKER_BUILDKIT is 0"
      : "by Docker's classic builder (DOCKER_BUILDKIT=0)",
    "by a Compose with a builder of its own (before 2.37; COMPOSE_BAKE=true helps since 2.32)",
    ...(hasSudo ? [] : ['under sudo (the input "sudo")']),
    ...(isAlone ? [] : ["by another job of this machine"]),
  ];
  const why = isOff(buildKit) ? causes[0] : `it may have been ${causes.join(", ")}`;
  return `built without Slipway: ${shown.join(", ")}: ${why}`;
}

function isOff(buildKit: string | undefined): boolean {
  return /^(?:0|f|F|false|FALSE|False)$/.test(buildKit ?? "");
}
