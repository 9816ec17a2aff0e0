/** Whether a Node version fits a range of alternatives, each `^1.2.3` or `>=1.2.3`. Throws for any other form. */
export function fitsEngines(version: string, range: string): boolean;
/** The folder of a Node that fits, fetched below `.sandbox` once; throws where there is none for this machine. */
export function fetchNode(root: string): string;
