import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function byCodeUnit(left,right){return left<right?-1:left>right?1:0}function byKey(key){return(left,right)=>byCodeUnit(key(left),key(right))}function excerpt(text,length=100){return text.length<=length?text:`${text.slice(0,length)}\u2026`}export{byCodeUnit,byKey,excerpt};
