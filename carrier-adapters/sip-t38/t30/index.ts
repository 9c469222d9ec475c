/** T.30: terminals of one fax call, whatever carries their bits. */
export { createAnswerer } from './phases/answerer/answerer.ts';
export { createCaller } from './phases/caller/caller.ts';
