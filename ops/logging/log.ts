import { pino } from 'pino';
import type { Log } from '../../gateway/ports/log.ts';

/** Fields whose values are never written, wherever they stand in a line. */
const HIDDEN = [
  'secret',
  'password',
  'dek',
  'kek',
  'key',
  'authorization',
  'cookie',
  'number',
  'to',
  'from',
  'csid',
  'body',
];

/**
 * A log of JSON lines on `stream` (standard error by default). Fields that could hold something personal are replaced
 * by `[hidden]`; errors are reduced to name, code and stack, because messages of libraries may quote input.
 */
export function createLog(level: string, stream: NodeJS.WritableStream = process.stderr): Log {
  const paths = HIDDEN.flatMap((name) => [name, `*.${name}`]);
  const base = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[hidden]' },
      serializers: { err: plainError, error: plainError },
    },
    stream,
  );
  return {
    debug: (fields, text) => base.debug(fields, text),
    info: (fields, text) => base.info(fields, text),
    warn: (fields, text) => base.warn(fields, text),
    error: (fields, text) => base.error(fields, text),
  };
}

/** Digit runs that could be telephone numbers, in whatever an error says. */
const NUMBER_LIKE = /\+?\d{7,15}/g;

function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error.replace(NUMBER_LIKE, '…') : error;
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    stack: (error.stack ?? error.message).replace(NUMBER_LIKE, '…').slice(0, 4_000),
  };
}
