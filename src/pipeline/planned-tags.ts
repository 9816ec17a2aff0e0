import type { PlannedTag } from "../model/documents.ts";
import { eachImage } from "../model/image-tags.ts";
import type { ReleaseSubject } from "../model/release.ts";
import type { ReleaseGroup, Service, TagTemplates } from "../model/service.ts";
import { makeReleaseName, type RecordIndex, type ReleaseName } from "../release/record-names.ts";
import { movingTagsOf, renderTags } from "../release/tags.ts";
import { whereTagBelongs } from "../release/where-tags-belong.ts";
import type { Workspace } from "./workspace.ts";

interface PlannedTagsRequest {
  readonly group: ReleaseGroup;
  readonly subject: ReleaseSubject;
  readonly index: RecordIndex;
  /** Of these services only. */
  readonly services: readonly string[];
}

/** What a release that is not made yet would do to tags, from the names of the records alone. */
export function planTags(workspace: Workspace, request: PlannedTagsRequest): PlannedTag[] {
  const { group, subject, index, services } = request;
  const { commit } = workspace.repository;
  const name = makeReleaseName(group.name, subject, commit);
  const releases = index.releases.filter((each) => each.group === name.group && each.tag !== name.tag);
  const own = workspace.project.services.filter(
    (each) => group.services.includes(each.name) && services.includes(each.name),
  );
  return own.flatMap((service) => {
    const about = { service: service.name, group: group.name, subject, commit };
    return eachImage(service).flatMap(({ image, tags }) => {
      const { version, moving } = renderTags(tags, about);
      const planned: Omit<PlannedTag, "service" | "image">[] = [
        ...version.map((tag) => ({ tag, action: "create" as const, release: name.tag })),
        ...moving.map((tag) => planMove({ service, templates: tags, tag }, name, [...releases, name])),
      ];
      return planned.map((each) => ({ service: service.name, image, ...each }));
    });
  });
}

/** A rollback never holds a tag against a release that is newer than all it knew, and against older ones the newest holds it. */
function planMove(
  { service, templates, tag }: { service: Service; templates: TagTemplates; tag: string },
  name: ReleaseName,
  releases: readonly ReleaseName[],
): Omit<PlannedTag, "service" | "image"> {
  const claimants = releases.filter((each) => {
    const labels = { service: service.name, group: service.group };
    return each.tag === name.tag || movingTagsOf(each, labels, templates).includes(tag);
  });
  const belongs = whereTagBelongs(claimants, [], () => undefined);
  const release = belongs.kind === "release" ? belongs.name.tag : name.tag;
  return { tag, action: release === name.tag ? "move" : "stay", release };
}
