import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function excerpt(text,length=100){return text.length<=length?text:`${text.slice(0,length)}\u2026`}export{excerpt};
