import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalOf, type Secrets } from './sigv4.ts';

/** The smallest part of a multipart upload but its last (S3: "Multipart upload limits"). */
const SMALLEST_PART = 5 * 1_048_576;
/** Names in one page of a listing; small, so that a listing has several. */
const PAGE = 3;

/** A strict little S3: one bucket, signed requests only, no name written over when the request says so. */
export interface S3Emulator {
  readonly url: string;
  readonly secrets: Secrets;
  readonly objects: Map<string, Uint8Array>;
  /** Open multipart uploads. */
  readonly uploads: Map<string, Map<number, Uint8Array>>;
  /** What it refused, by code. */
  readonly refused: string[];
  /** Method and target of every request. */
  readonly requests: string[];
  /** The next requests are answered with this status, before anything is looked at. */
  readonly failing: number[];
  /** Objects are cut by one octet as they are stored. */
  lossy: boolean;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asked {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export async function startS3(bucket: string): Promise<S3Emulator> {
  const secrets = { keyId: 'AKIATEST', secret: 'test/secret+key', region: 'eu-test-1' };
  const state = new Bucket(bucket, secrets);
  const server = createServer((request, response) => {
    void state.answer(request).then((answer) => send(response, answer, request.method === 'HEAD'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { objects, uploads, refused, requests, failing } = state;
  return {
    ...{ url: `http://127.0.0.1:${port}`, secrets, objects, uploads, refused, requests, failing },
    get lossy() {
      return state.lossy;
    },
    set lossy(value) {
      state.lossy = value;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status, body = '', headers = {} }: Answer, head: boolean): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-length': String(bytes.length), ...headers });
  response.end(head ? undefined : bytes);
}

class Bucket {
  readonly objects = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, Map<number, Uint8Array>>();
  readonly refused: string[] = [];
  readonly requests: string[] = [];
  readonly failing: number[] = [];
  lossy = false;
  readonly #name: string;
  readonly #secrets: Secrets;

  constructor(name: string, secrets: Secrets) {
    this.#name = name;
    this.#secrets = secrets;
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: target = '' } = request;
    this.requests.push(`${method} ${target}`);
    const failing = this.failing.shift();
    if (failing !== undefined) return refusal(failing, 'InternalError');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const body = Buffer.concat(chunks);
    const refused = refusalOf({ method, target, headers, body }, this.#secrets, Date.now());
    if (refused !== null) {
      this.refused.push(refused);
      return refusal(403, refused);
    }
    const url = new URL(target, 'http://s3');
    const [, bucket, ...rest] = url.pathname.split('/');
    if (bucket !== this.#name) return refusal(404, 'NoSuchBucket');
    return this.#do({ method, key: decodeURIComponent(rest.join('/')), query: url.searchParams, headers, body });
  }

  #do(asked: Asked): Answer {
    const { method, key, query } = asked;
    if (key === '')
      return method === 'GET' && query.get('list-type') === '2' ? this.#list(query) : refusal(405, 'MethodNotAllowed');
    if (method === 'POST' && query.has('uploads')) return this.#begin();
    if (query.has('uploadId')) return this.#part(asked);
    if (method === 'PUT') return this.#store(asked, asked.body);
    if (method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204 };
    }
    const found = this.objects.get(key);
    if (found === undefined) return refusal(404, 'NoSuchKey');
    return method === 'GET' || method === 'HEAD' ? { status: 200, body: found } : refusal(405, 'MethodNotAllowed');
  }

  #store({ key, headers }: Asked, body: Uint8Array): Answer {
    if (headers['if-none-match'] === '*' && this.objects.has(key)) return refusal(412, 'PreconditionFailed');
    this.objects.set(key, this.lossy ? body.subarray(1) : Uint8Array.from(body));
    return { status: 200, headers: { etag: tagOf(body) } };
  }

  #begin(): Answer {
    const id = randomUUID();
    this.uploads.set(id, new Map());
    return {
      status: 200,
      body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    };
  }

  #part(asked: Asked): Answer {
    const { method, query, body } = asked;
    const id = query.get('uploadId') ?? '';
    const parts = this.uploads.get(id);
    if (parts === undefined) return refusal(404, 'NoSuchUpload');
    if (method === 'PUT') {
      parts.set(Number(query.get('partNumber')), Uint8Array.from(body));
      return { status: 200, headers: { etag: tagOf(body) } };
    }
    if (method === 'POST') return this.#complete(asked, id, parts);
    this.uploads.delete(id);
    return { status: 204 };
  }

  #complete(asked: Asked, id: string, parts: ReadonlyMap<number, Uint8Array>): Answer {
    const named = [
      ...Buffer.from(asked.body)
        .toString()
        .matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g),
    ];
    const bodies = named.map(([, number, tag]) => {
      const body = parts.get(Number(number));
      return body !== undefined && tagOf(body) === tag ? body : undefined;
    });
    if (bodies.length === 0 || bodies.includes(undefined)) return refusal(400, 'InvalidPart');
    const whole = bodies.flatMap((body) => body ?? []);
    if (whole.slice(0, -1).some((body) => body.length < SMALLEST_PART)) return refusal(400, 'EntityTooSmall');
    const answer = this.#store(asked, Buffer.concat(whole));
    if (answer.status === 200) this.uploads.delete(id);
    return answer.status === 200 ? { status: 200, body: '<CompleteMultipartUploadResult/>' } : answer;
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, PAGE);
    const contents = page.map(
      (key) => `<Contents><Key>${key}</Key><Size>${this.objects.get(key)?.length}</Size></Contents>`,
    );
    const more = keys.length > PAGE;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return {
      status: 200,
      body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`,
    };
  }
}

function tagOf(body: Uint8Array): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function refusal(status: number, code: string): Answer {
  return { status, body: `<Error><Code>${code}</Code></Error>` };
}
