import { type FileHandle, open } from 'node:fs/promises';
import { systemCode } from './errors.ts';

/**
 * Makes the entries of a directory durable. Callers that arrive while a sync runs share the next one: theirs must
 * start after their change, but one sync answers for all changes before it.
 */
export class DirectorySync {
  readonly #path: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  sync(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const done = syncDirectory(this.#path).finally(() => {
      if (this.#running === done) this.#running = undefined;
    });
    this.#running = done;
    return done;
  }
}

/** fsync of the directory itself: without it a rename or unlink may be undone by a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Writes all of `bytes`; a short write (a disk that has just become full) is followed by its error. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number | null = null): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const place = position === null ? null : position + at;
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, place);
    at += bytesWritten;
  }
}

/** The answer of `call`, or undefined when the file or directory is not there. */
export async function ifPresent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
