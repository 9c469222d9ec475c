import { createHmac } from 'node:crypto';
import { useMac512 } from './digest.ts';
import { plain } from './hash.ts';

// What Node has at once need not go through a handle and a thread: a message derives three or four short strings, each a
// few microseconds of work. OpenSSL cleanses its copy of the key when the HMAC is done; a handle's waits for the collector.
useMac512((key, message) => plain(createHmac('sha512', key).update(message).digest()));
