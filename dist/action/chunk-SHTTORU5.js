import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function byCodeUnit(left,right){return left<right?-1:left>right?1:0}function byKey(key){return(left,right)=>byCodeUnit(key(left),key(right))}export{byCodeUnit,byKey};
