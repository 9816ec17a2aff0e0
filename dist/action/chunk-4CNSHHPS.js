import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{didYouMean}from"./chunk-2YL7FQWU.js";var mostSuggestions=20;function suggestion(faults,typed,known){return faults.length<mostSuggestions?didYouMean(typed,known()):""}function addFault(faults,at,message){faults.push({...at,message})}export{suggestion,addFault};
