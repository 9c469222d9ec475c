import { readFileSync } from 'node:fs';
import { ConfigError, SETTINGS } from './config.ts';

/** Fields that may stand in a file: `passwordFile: "/run/…"` is read into `password`. */
const FILED = ['password', 'certificate', 'key', 'authorities', 'token', 'secret', 'signingKey'];
/** Deepest nesting of a carrier's settings. */
const DEPTH = 8;

/**
 * The carriers of `SEALFAX_CARRIERS`: a JSON array, or `@path` of a file with one; files that its fields name are read.
 * Their shapes are the carriers' own business. @throws ConfigError, never with a secret in its message
 */
export function readCarriers(text: string): unknown[] {
  const written = text.startsWith('@') ? contents(text.slice(1)) : text;
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw wrong('is not JSON');
  }
  if (!Array.isArray(value)) throw wrong('is not a JSON array');
  return value.map((carrier) => withFiles(carrier, DEPTH));
}

function withFiles(value: unknown, depth: number): unknown {
  if (depth === 0) throw wrong('is nested too deeply');
  if (Array.isArray(value)) return value.map((item) => withFiles(item, depth - 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => readField(name, item, depth)));
}

function readField(name: string, item: unknown, depth: number): [string, unknown] {
  const filed = name.endsWith('File') ? name.slice(0, -'File'.length) : '';
  if (FILED.includes(filed) && typeof item === 'string') return [filed, contents(item).trim()];
  return [name, withFiles(item, depth - 1)];
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrong(`names a file that cannot be read: ${path}`);
  }
}

function wrong(problem: string): ConfigError {
  return new ConfigError(SETTINGS.carriers.variable, problem, SETTINGS.carriers.example);
}
