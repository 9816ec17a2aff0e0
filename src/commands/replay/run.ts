export { replay as run } from "../../core/history/replay-command.ts";
export { renderReplay as render } from "../../report/render-replay.ts";
