import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function addFault(faults,at,message){faults.push({...at,message})}export{addFault};
