/** Colours a text. */
export type Paint = (text: string) => string;

/** The style of text: colours, width and characters. */
export interface Style {
  /** The width of lines; Infinity when the output is not a terminal. */
  readonly columns: number;
  readonly glyphs: Glyphs;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

interface Glyphs {
  readonly built: string;
  readonly reused: string;
  readonly failed: string;
  readonly cancelled: string;
  readonly waiting: string;
  readonly ellipsis: string;
  /** Shown one after another while something runs. */
  readonly spinner: readonly [string, ...string[]];
}

const unicodeGlyphs: Glyphs = {
  built: "✓",
  reused: "=",
  failed: "✗",
  cancelled: "–",
  waiting: "·",
  ellipsis: "…",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const asciiGlyphs: Glyphs = {
  built: "+",
  reused: "=",
  failed: "x",
  cancelled: "-",
  waiting: ".",
  ellipsis: "...",
  spinner: ["|", "/", "-", "\\"],
};

/** `columns`: default unlimited; `unicode`: default yes. */
export function makeStyle(color: boolean, options: { columns?: number; unicode?: boolean } = {}): Style {
  const paint =
    (open: number, close: number) =>
    (text: string): string =>
      color && text !== "" ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    columns: options.columns ?? Number.POSITIVE_INFINITY,
    glyphs: (options.unicode ?? true) ? unicodeGlyphs : asciiGlyphs,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
