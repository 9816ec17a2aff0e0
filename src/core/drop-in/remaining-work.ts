import { withoutTags } from "../../invocation/change-arguments.ts";
import type { PushedName } from "../../invocation/wanted-places.ts";
import { parseReference } from "../../model/reference.ts";
import type { LaterMove } from "./later-move.ts";
import type { PlanBasis } from "./plan-drop-in.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** The work that remains after the check for tags of a later commit. */
export type RemainingWork =
  | { readonly kind: "go-on"; readonly request: DropInRequest; readonly basis: PlanBasis }
  /** No tag would be pushed and no image loaded. */
  | { readonly kind: "nothing-left"; readonly because: string };

/** Warns of tags that would move back to an older commit. With `protect-tags`, removes them from the request. */
export function withoutLaterTags(
  { emit }: DropInContext,
  request: DropInRequest,
  basis: PlanBasis,
  { commit, tags }: LaterMove,
): RemainingWork {
  const { protectTags } = request.options;
  const named = tags.map(({ name, tag }) => `${name}:${tag ?? ""}`).join(", ");
  const at = `the image of a later commit (${commit.slice(0, 7)})`;
  const { reading } = basis;
  const isLeft = (place: PushedName): boolean => tags.some(({ name, tag }) => name === place.name && tag === place.tag);
  const isWritten = reading.invocation.tags.length > 0;
  const does = protectTags && isWritten ? "stays there" : "moves back with this run";
  const advice = protectTags ? "" : "; `protect-tags: true` leaves such tags";
  emit({ kind: "warning", message: `${named}: points at ${at} and ${does}${advice}` });
  if (!protectTags || !isWritten) return { kind: "go-on", request, basis };
  const push = reading.wanted.push.filter((place) => !isLeft(place));
  if (push.length === 0 && reading.wanted.load.length === 0) {
    return { kind: "nothing-left", because: `${named} stays at ${at}` };
  }
  const argv = withoutTags(request.argv, (written) => {
    const reference = parseReference(written);
    return reference !== undefined && isLeft({ name: reference.name, tag: reference.tag ?? "latest" });
  });
  return {
    kind: "go-on",
    request: { ...request, argv },
    basis: { ...basis, reading: { ...reading, wanted: { ...reading.wanted, push } } },
  };
}
