import { readFileSync } from 'node:fs';
import { ConfigError, SETTINGS, type SettingDoc } from './config.ts';

/** Fields that may stand in a file: `passwordFile: "/run/…"` is read into `password`. */
const FILED = ['password', 'certificate', 'key', 'authorities', 'token', 'secret', 'signingKey'];
/** Deepest nesting of a carrier's settings. */
const DEPTH = 8;

/**
 * The carriers of `SEALFAX_CARRIERS`: a JSON array, or `@path` of a file with one; files that its fields name are read.
 * Their shapes are the carriers' own business. @throws ConfigError, never with a secret in its message
 */
export function readCarriers(text: string): unknown[] {
  const value = readValue(text, SETTINGS.carriers);
  if (!Array.isArray(value)) throw wrong('is not a JSON array', SETTINGS.carriers);
  return value.map((carrier) => withFiles(carrier, DEPTH, SETTINGS.carriers));
}

/** The settings of one service of `setting`, as `readCarriers`. @throws ConfigError */
export function readService(text: string, setting: SettingDoc): unknown {
  return withFiles(readValue(text, setting), DEPTH, setting);
}

function readValue(text: string, setting: SettingDoc): unknown {
  const written = text.startsWith('@') ? contents(text.slice(1), setting) : text;
  try {
    return JSON.parse(written);
  } catch {
    throw wrong('is not JSON', setting);
  }
}

function withFiles(value: unknown, depth: number, setting: SettingDoc): unknown {
  if (depth === 0) throw wrong('is nested too deeply', setting);
  if (Array.isArray(value)) return value.map((item) => withFiles(item, depth - 1, setting));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => readField(name, item, depth, setting)));
}

function readField(name: string, item: unknown, depth: number, setting: SettingDoc): [string, unknown] {
  const filed = name.endsWith('File') ? name.slice(0, -'File'.length) : '';
  if (FILED.includes(filed) && typeof item === 'string') return [filed, contents(item, setting).trim()];
  return [name, withFiles(item, depth - 1, setting)];
}

function contents(path: string, setting: SettingDoc): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrong(`names a file that cannot be read: ${path}`, setting);
  }
}

function wrong(problem: string, { variable, example }: SettingDoc): ConfigError {
  return new ConfigError(variable, problem, example);
}
