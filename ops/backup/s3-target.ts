import { createWriteStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsClient } from 'aws4fetch';
import { hex, sha256 } from '../../crypto/index.ts';
import { BackupError } from './errors.ts';
import { parseBackupName } from './name.ts';
import type { BackupTarget, StoredBackup } from './target.ts';

/** An access key of the S3 service. */
export interface S3Credentials {
  readonly keyId: string;
  readonly secret: string;
}

/** Larger files go up in parts of this size; S3 takes 5 MiB to 5 GiB a part and 10,000 parts. */
const PART = 16 * 1_048_576;
/** One request, a part included, in ms. */
const PATIENCE = 300_000;
/** aws4fetch repeats what fails with 5xx or 429, with growing pauses. */
const RETRIES = 3;
/** A page of a listing holds 1,000 names: about 400 kB. */
const LONGEST_ANSWER = 4 * 1_048_576;

/**
 * `s3://bucket/prefix?region=…&endpoint=https://…`: Amazon S3, or what speaks like it. With an endpoint the bucket
 * stands in the path; without one it is a part of the host name. Every request body is signed with its SHA-256, so that
 * the service refuses what has changed on its way.
 */
export function openS3Target(url: URL, credentials: S3Credentials | undefined): BackupTarget {
  if (credentials === undefined) {
    throw new BackupError(
      'target_invalid',
      'an S3 target needs SEALFAX_BACKUP_S3_KEY_ID and SEALFAX_BACKUP_S3_SECRET_FILE',
    );
  }
  return new S3Target(placeOf(url), credentials);
}

interface Place {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  /** Of the bucket, with a slash at its end. */
  readonly base: string;
  readonly region: string;
}

function placeOf(url: URL): Place {
  const bucket = url.hostname;
  const known = ['region', 'endpoint'];
  const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`knows no "${unknown}"; there are region and endpoint`);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw invalid('names no bucket');
  const region = url.searchParams.get('region') ?? 'us-east-1';
  if (!/^[a-z0-9-]{1,40}$/.test(region)) throw invalid('names no region');
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!/^[A-Za-z0-9/_.-]{0,500}$/.test(path) || path.split('/').includes('..'))
    throw invalid('has a prefix that cannot be used');
  return {
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    region,
    base: baseOf(url.searchParams.get('endpoint'), bucket, region),
  };
}

function baseOf(endpoint: string | null, bucket: string, region: string): string {
  if (endpoint === null) return `https://${bucket}.s3.${region}.amazonaws.com/`;
  const parsed = URL.parse(endpoint);
  const local = parsed !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname);
  if (parsed === null || !(parsed.protocol === 'https:' || (parsed.protocol === 'http:' && local))) {
    throw invalid('has an endpoint that is not https://');
  }
  return `${parsed.href.replace(/[?#].*$/, '').replace(/\/+$/, '')}/${bucket}/`;
}

function invalid(what: string): BackupError {
  return new BackupError('target_invalid', `the S3 target ${what}`);
}

class S3Target implements BackupTarget {
  readonly description: string;
  readonly #place: Place;
  readonly #client: AwsClient;

  constructor(place: Place, { keyId, secret }: S3Credentials) {
    this.#place = place;
    this.description = `s3://${place.bucket}/${place.prefix}`;
    const { region } = place;
    const access = { accessKeyId: keyId, secretAccessKey: secret };
    this.#client = new AwsClient({ ...access, region, service: 's3', retries: RETRIES });
  }

  async list(): Promise<StoredBackup[]> {
    const found: StoredBackup[] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const query: Record<string, string> = { 'list-type': '2', prefix: this.#place.prefix };
      const page = await this.#text('GET', '', token === undefined ? query : { ...query, 'continuation-token': token });
      found.push(...this.#contents(page));
      token = /<IsTruncated>true</.test(page) ? elementOf(page, 'NextContinuationToken') : undefined;
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names of backups hold no character that XML writes in another way; what holds one is none. */
  #contents(page: string): StoredBackup[] {
    return [...page.matchAll(/<Contents>(.*?)<\/Contents>/gs)].flatMap(([, entry = '']) => {
      const key = elementOf(entry, 'Key') ?? '';
      const name = key.startsWith(this.#place.prefix) ? key.slice(this.#place.prefix.length) : '';
      return parseBackupName(name) === undefined ? [] : [{ name, bytes: Number(elementOf(entry, 'Size')) }];
    });
  }

  async put(name: string, path: string): Promise<void> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size <= PART) await this.#putWhole(name, await read(file, 0, size));
      else await this.#putParts(name, file, size);
      await this.#expectSize(name, size);
    } finally {
      await file.close();
    }
  }

  async #putWhole(name: string, body: Uint8Array): Promise<void> {
    const response = await this.#send('PUT', name, {}, body, { 'if-none-match': '*' });
    await this.#taken(response, name);
  }

  async #putParts(name: string, file: FileHandle, size: number): Promise<void> {
    const upload = elementOf(await this.#text('POST', name, { uploads: '' }), 'UploadId');
    if (upload === undefined) throw this.#failed('gives no upload id');
    try {
      const tags: string[] = [];
      for (let at = 0; at < size; at += PART) {
        const body = await read(file, at, Math.min(PART, size - at));
        const query = { partNumber: String(tags.length + 1), uploadId: upload };
        const response = await this.#ok(await this.#send('PUT', name, query, body), `part ${tags.length + 1}`);
        tags.push(response.headers.get('etag') ?? '');
        await response.body?.cancel();
      }
      const list = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
      const body = new TextEncoder().encode(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`);
      await this.#taken(await this.#send('POST', name, { uploadId: upload }, body, { 'if-none-match': '*' }), name);
    } catch (error) {
      await this.#send('DELETE', name, { uploadId: upload }).catch(() => undefined);
      throw error;
    }
  }

  /** A refused condition says that the name is taken. The answer to the end of an upload may be an error with status 200. */
  async #taken(response: Response, name: string): Promise<void> {
    if (response.status === 412) {
      await response.body?.cancel();
      throw new BackupError('target_exists', `${this.description} has a backup of the name ${name} already`);
    }
    const text = await bounded(await this.#ok(response, name));
    if (text.includes('<Error>')) throw this.#failed(`refuses ${name}: ${elementOf(text, 'Code') ?? 'unknown'}`);
  }

  async #expectSize(name: string, size: number): Promise<void> {
    const response = await this.#ok(await this.#send('HEAD', name), name);
    if (Number(response.headers.get('content-length')) !== size) throw this.#failed(`keeps ${name} in another size`);
  }

  async fetch(name: string, path: string): Promise<void> {
    const response = await this.#send('GET', name);
    if (response.status === 404) {
      await response.body?.cancel();
      throw new BackupError('not_found', `${this.description} has no backup ${name}`);
    }
    const { body } = await this.#ok(response, name);
    if (body === null) throw this.#failed(`gives nothing for ${name}`);
    try {
      await pipeline(Readable.fromWeb(body), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await rm(path, { force: true });
      throw this.#failed(`broke off in ${name}`, error);
    }
  }

  async remove(name: string): Promise<void> {
    const response = await this.#ok(await this.#send('DELETE', name), name);
    await response.body?.cancel();
  }

  async #text(method: string, name: string, query: Readonly<Record<string, string>>): Promise<string> {
    return bounded(await this.#ok(await this.#send(method, name, query), name));
  }

  async #send(
    method: string,
    name: string,
    query: Readonly<Record<string, string>> = {},
    body: Uint8Array = new Uint8Array(0),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const search = new URLSearchParams(query).toString();
    const key = name === '' ? '' : `${this.#place.prefix}${name}`;
    const url = `${this.#place.base}${key}${search === '' ? '' : `?${search}`}`;
    const signed = { ...headers, 'x-amz-content-sha256': hex(sha256(body)) };
    const content = method === 'PUT' || method === 'POST' ? { body: Uint8Array.from(body) } : {};
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      return await this.#client.fetch(url, { method, headers: signed, redirect: 'error', signal, ...content });
    } catch (error) {
      throw this.#failed('does not answer', error);
    }
  }

  async #ok(response: Response, what: string): Promise<Response> {
    if (response.ok) return response;
    const code = elementOf(await bounded(response), 'Code') ?? 'no reason';
    throw this.#failed(`answers ${response.status} (${code.slice(0, 80)}) to ${what === '' ? 'a listing' : what}`);
  }

  #failed(what: string, cause?: unknown): BackupError {
    return new BackupError('target_failed', `${this.description} ${what}`, cause);
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  if (bytesRead !== length) throw new BackupError('truncated', 'the local copy of the backup is cut');
  return buffer;
}

/** The text of an answer that is not trusted to be short. */
async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) throw new BackupError('target_failed', 'the S3 service answers without an end');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
