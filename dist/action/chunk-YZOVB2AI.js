import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function excerpt(text){return text.length<=100?text:`${text.slice(0,100)}\u2026`}export{excerpt};
