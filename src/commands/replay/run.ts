export { replay as run } from "../../pipeline/replay-command.ts";
export { renderReplay as render } from "../../report/render-replay.ts";
