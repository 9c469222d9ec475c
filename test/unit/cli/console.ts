import type { CliIo } from '../../../ops/cli/index.ts';

/** A terminal that remembers; `answers` are what a person types when asked for a secret or a line. */
export function rememberingIo(options: { terminal?: boolean; answers?: string[]; input?: string } = {}) {
  const shown = { out: '', err: '', asked: 0 };
  const decoder = new TextDecoder();
  const io: CliIo = {
    out: (text) => {
      shown.out += text;
    },
    bytes: async (chunk) => {
      shown.out += decoder.decode(chunk, { stream: true });
    },
    err: (text) => {
      shown.err += text;
    },
    terminal: options.terminal ?? false,
    columns: 80,
    secret: async () => {
      shown.asked += 1;
      return options.answers?.shift() ?? null;
    },
    ask: async () => {
      shown.asked += 1;
      return options.answers?.shift() ?? null;
    },
    input: async () => new TextEncoder().encode(options.input ?? ''),
    onInterrupt: () => () => undefined,
  };
  return { io, shown };
}
