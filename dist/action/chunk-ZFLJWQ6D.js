import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{setMaxListeners}from"node:events";function whenAborted(signal,act){return signal.aborted?(act(),()=>{}):(setMaxListeners(0,signal),signal.addEventListener("abort",act,{once:!0}),()=>signal.removeEventListener("abort",act))}export{whenAborted};
