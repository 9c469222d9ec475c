import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Where the CLI reads and writes; a test gives its own. */
export interface CliIo {
  out(text: string): void;
  /** Bytes as they are; resolves when they have been taken, so that nothing piles up before a slow reader. */
  bytes(chunk: Uint8Array): Promise<void>;
  err(text: string): void;
  /** Whether progress may be drawn over itself. */
  readonly terminal: boolean;
  readonly columns: number;
  /** Asks for a secret without showing it; null where nobody can be asked. */
  secret(question: string): Promise<string | null>;
  /** Asks for a line; empty: nothing was typed; null where nobody can be asked. */
  ask(question: string): Promise<string | null>;
  /** Everything on standard input. */
  input(): Promise<Uint8Array>;
  /** Calls `interrupted` on Ctrl-C until the returned function is called. */
  onInterrupt(interrupted: () => void): () => void;
}

/** The process's own streams. */
export function processIo(): CliIo {
  return {
    out: (text) => void process.stdout.write(text),
    bytes: (chunk) =>
      new Promise((resolve, reject) => {
        process.stdout.write(chunk, (error) => (error == null ? resolve() : reject(error)));
      }),
    err: (text) => void process.stderr.write(text),
    terminal: process.stderr.isTTY === true && process.stdout.isTTY === true,
    columns: process.stderr.columns ?? 80,
    secret: (question) => askLine(question, false),
    ask: (question) => askLine(question, true),
    input: readInput,
    onInterrupt: (interrupted) => {
      process.on('SIGINT', interrupted);
      return () => void process.off('SIGINT', interrupted);
    },
  };
}

async function askLine(question: string, visible: boolean): Promise<string | null> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  if (!visible) process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: visible ? process.stderr : silent, terminal: true });
  // Editing a line draws it anew, its question with it.
  lines.setPrompt(visible ? `${question}: ` : '');
  lines.prompt();
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new Error('interrupted')));
    });
  } finally {
    lines.close();
    if (!visible) process.stderr.write('\n');
  }
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
