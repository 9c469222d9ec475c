import { readFile } from 'node:fs/promises';
import { readCertificate } from '../../crypto/index.ts';
import { type Config, ConfigError, SETTINGS } from '../config.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { isFresh, selfSigned, type TlsFiles } from './certificate.ts';

/** What HTTPS listens with; null when a proxy in front terminates TLS. @throws ConfigError */
export async function tlsFiles(config: Config, keys: KeyStore, now: number): Promise<TlsFiles | null> {
  if (config.tls === 'off') return null;
  const pair = config.tls === 'files' ? await fromFiles(config) : await ownPair(config, keys, now);
  return { ...pair, leaf: readCertificate(pair.cert).leaf };
}

async function fromFiles(config: Config): Promise<{ cert: string; key: string }> {
  const cert = await readPem(config.tlsCert, SETTINGS.tlsCert);
  const key = await readPem(config.tlsKey, SETTINGS.tlsKey);
  try {
    readCertificate(cert);
  } catch {
    throw new ConfigError(SETTINGS.tlsCert.variable, 'names a file without a certificate', SETTINGS.tlsCert.example);
  }
  return { cert, key };
}

async function readPem(file: string | undefined, setting: { variable: string; example: string }): Promise<string> {
  try {
    return await readFile(file ?? '', 'utf8');
  } catch {
    throw new ConfigError(setting.variable, 'names a file that cannot be read', setting.example);
  }
}

/** The self-signed pair of the gateway, renewed 30 days before its end and when the names change. */
async function ownPair(config: Config, keys: KeyStore, now: number): Promise<{ cert: string; key: string }> {
  const encode = async () => new TextEncoder().encode(JSON.stringify(await selfSigned(config.names, now)));
  const stored = await keys.secret('tls', encode);
  const pair = JSON.parse(new TextDecoder().decode(stored)) as { cert: string; key: string };
  if (isFresh(pair.cert, config.names, now)) return pair;
  const renewed = await keys.replace('tls', await encode());
  return JSON.parse(new TextDecoder().decode(renewed)) as { cert: string; key: string };
}
