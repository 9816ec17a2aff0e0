import { describe, expect, test } from "vitest";
import { renderEvents } from "./render-events.ts";
import { makeStyle } from "./style.ts";

const style = makeStyle(false, { columns: 60 });
const image = (reference: string, ...perhaps: string[]): { reference: string; perhaps: string[] } => ({
  reference,
  perhaps,
});

describe("events with their images", () => {
  test("that are equal stand together, tags beside the name, images with equal tags together", () => {
    const images = [image("reg.test:5000/a:1"), image("b:1"), image("b:latest"), image("reg.test:5000/a:latest")];
    const rows = [
      { event: "version tag", images },
      { event: "published release", images },
      { event: "schedule", images: [image("b:‹date›"), image("b:rc", "vars.RC"), image("b@‹digest›")] },
    ];
    expect(renderEvents(rows, style, 2)).toEqual([
      "  version tag, published release",
      "    reg.test:5000/a, b  1 latest",
      "  schedule",
      "    b  ‹date› @‹digest›",
      "    b  rc if vars.RC",
    ]);
  });

  test("mark what one side of a change publishes alone", () => {
    const images = [
      image("a:1"),
      { ...image("a:2"), mark: "-" as const },
      { ...image("b:‹x, unless Y is set›"), mark: "+" as const },
    ];
    expect(renderEvents([{ event: "dispatch", images }], style, 2)).toEqual([
      "  dispatch",
      "    a  1",
      "  - a  2",
      "  + b  ‹x, unless Y is set›",
    ]);
  });

  test("wrap where the line ends, and keep an unknown part whole, shortened if it is long", () => {
    const tags = Array.from({ length: 12 }, (_, index) => image(`ghcr.io/acme/api:1.${index}.0`));
    const long = image(`ghcr.io/acme/with-a-very-long-name-that-needs-a-line-of-its-own:‹$(${"x".repeat(70)})›`);
    const shown = renderEvents([{ event: "dispatch", images: [...tags, long, image("‹a:b/c›/d:‹e f›")] }], style, 0);
    expect(shown).toEqual([
      "dispatch",
      "  ghcr.io/acme/api  1.0.0 1.1.0 1.2.0 1.3.0 1.4.0 1.5.0",
      "                    1.6.0 1.7.0 1.8.0 1.9.0 1.10.0 1.11.0",
      "  ghcr.io/acme/with-a-very-long-name-that-needs-a-line-of-its-own",
      `    ‹$(${"x".repeat(45)}…›`,
      "  ‹a:b/c›/d         ‹e f›",
    ]);
  });
});
