import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function addAll(list,more){for(let each of more)list.push(each)}function largest(numbers,least=0){let found=least;for(let number of numbers)number>found&&(found=number);return found}export{addAll,largest};
