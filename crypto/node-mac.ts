import { useMac512 } from './digest.ts';
import { hmac } from './node-hmac.ts';

// What Node has at once need not go through a handle and a thread: a message derives three or four short strings, each a
// few microseconds of work.
useMac512((key, message) => hmac('sha512', key, message));
