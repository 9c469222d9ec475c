// What a careless program does: decrypts with createDecipheriv, joins the pieces, drops everything and zeroes nothing.
// It reads a key (32), a nonce (12), a tag (16) and the ciphertext from standard input.

import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';

function decrypted(input: Buffer): number {
  const decipher = createDecipheriv('aes-256-gcm', input.subarray(0, 32), input.subarray(32, 44));
  decipher.setAuthTag(input.subarray(44, 60));
  const pieces: Buffer[] = [];
  for (let at = 60; at < input.length; at += 65_536) pieces.push(decipher.update(input.subarray(at, at + 65_536)));
  return Buffer.concat([...pieces, decipher.final()]).length;
}

const bytes = decrypted(readFileSync(0));
process.stdout.write(`${bytes}\n`);
setInterval(() => undefined, 60_000);
