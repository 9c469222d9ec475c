import { FAX_RESULTS } from '../../../carrier-adapters/etherfax/wire.ts';
import { type Asked, type EmulatorServer, type Reply, startEmulator } from '../http/server.ts';
import { tiffPages } from './tiff-pages.ts';

/** The lock of the real one, ms. */
const LOCK = 300_000;

/** What becomes of faxes to a number. */
export interface Fate {
  /** Final `FaxResult`, by number; an unknown one is allowed. */
  readonly result: number;
  /** Left out: all pages on success, else none. */
  readonly delivered?: number;
  /** Seconds of the call; left out: 30 with pages or success, else 0. */
  readonly connectTime?: number;
  /** Looks at the status that are answered with `InProgress`; default 2. */
  readonly looks?: number;
  /** Refused in the answer to the POST, without a job. */
  readonly atOnce?: boolean;
}

/** A fax that was handed over. */
export interface SentFax {
  readonly jobId: string;
  readonly number: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly image: Uint8Array;
  readonly pages: number;
  readonly fate: Fate;
  looks: number;
}

/** A fax in the inbox. */
export interface InboxFax {
  readonly jobId: string;
  readonly called: string;
  readonly calling: string;
  readonly image: Uint8Array;
  readonly pages: number;
  readonly remoteId?: string;
  readonly result?: number;
}

/** The account, the clock and the numbers of an emulated etherFAX. */
export interface EtherfaxOptions {
  readonly now: () => number;
  /** Value of Authorization that is accepted. */
  readonly authorization: string;
  readonly fates?: Readonly<Record<string, Fate>>;
  /** Results as names, as the carrier's own documents write them, instead of numbers. */
  readonly names?: boolean;
  /** How long `getnext` hides a fax from others, ms; default five minutes. */
  readonly lock?: number;
}

/** etherFAX's REST API 3.0 on this machine, as far as its documents and OpenEMR's client show it. */
export interface EtherfaxEmulator {
  readonly server: EmulatorServer;
  readonly sent: SentFax[];
  readonly inbox: InboxFax[];
  /** Ids that were marked as received, each as often as it was. */
  readonly received: string[];
}

/** Starts one; `server.faults` spoils single requests. */
export async function startEtherfax(options: EtherfaxOptions): Promise<EtherfaxEmulator> {
  const account = new Account(options);
  const server = await startEmulator((asked) => account.answer(asked));
  return { server, sent: account.sent, inbox: account.inbox, received: account.received };
}

class Account {
  readonly sent: SentFax[] = [];
  readonly inbox: InboxFax[] = [];
  readonly received: string[] = [];
  readonly #options: EtherfaxOptions;
  readonly #lockedUntil = new Map<string, number>();
  #jobs = 0;

  constructor(options: EtherfaxOptions) {
    this.#options = options;
  }

  answer(asked: Asked): Reply {
    if (asked.headers.authorization !== this.#options.authorization) {
      return { status: 401, json: { FaxResult: this.#result(FAX_RESULTS.Unauthorized), Message: 'Unauthorized' } };
    }
    switch (`${asked.method} ${asked.path} ${asked.query.get('a') ?? ''}`.trim()) {
      case 'POST /outbox':
        return this.#submit(asked);
      case 'GET /outbox pending':
        return { status: 200, json: { PendingFaxes: this.sent.length, AvailableChannels: 10 } };
      case 'GET /status':
        return this.#status(asked.query.get('id') ?? '');
      case 'GET /accounts status':
        return { status: 200, json: { AccountId: 'test', TimeZone: -5 } };
      case 'GET /inbox unread':
        return { status: 200, json: { UnreadFaxes: this.#unread().length } };
      case 'GET /inbox list':
        return { status: 200, json: this.#unread().map((fax) => this.#arrival(fax)) };
      case 'GET /inbox getnext':
        return this.#next(asked.query.get('download') !== '0');
      case 'GET /inbox get':
        return this.#get(asked.query.get('id') ?? '');
      case 'GET /inbox received':
        return this.#markReceived(asked.query.get('id') ?? '');
      default:
        return { status: 404, json: { FaxResult: this.#result(FAX_RESULTS.NotImplemented) } };
    }
  }

  #submit(asked: Asked): Reply {
    const fields = fieldsOf(asked);
    const { DialNumber, FaxImage, TotalPages } = fields;
    if (typeof DialNumber !== 'string' || !/^\+?[0-9]{7,15}$/.test(DialNumber)) {
      return this.#refuse(FAX_RESULTS.InvalidOrMissingNumber);
    }
    const image = typeof FaxImage === 'string' ? new Uint8Array(Buffer.from(FaxImage, 'base64')) : new Uint8Array(0);
    const pages = tiffPages(image);
    if (pages === undefined || pages !== Number(TotalPages)) return this.#refuse(FAX_RESULTS.InvalidOrMissingFile);
    const fate = this.#options.fates?.[DialNumber] ?? { result: FAX_RESULTS.Success };
    if (fate.atOnce === true) return this.#refuse(fate.result);
    const jobId = `00000000-0000-4000-8000-${String(++this.#jobs).padStart(12, '0')}`;
    this.sent.push({ jobId, number: DialNumber, fields, image, pages, fate, looks: 0 });
    return { status: 200, json: { FaxResult: this.#result(FAX_RESULTS.InProgress), State: 1, JobId: jobId } };
  }

  #refuse(result: number): Reply {
    return { status: 200, json: { FaxResult: this.#result(result), JobId: null, Message: 'refused' } };
  }

  #status(id: string): Reply {
    const fax = this.sent.find(({ jobId }) => jobId === id);
    if (fax === undefined) return { status: 200, json: { FaxResult: this.#result(FAX_RESULTS.ItemNotFound) } };
    const { fate, pages } = fax;
    const running = fax.looks++ < (fate.looks ?? 2);
    const success = fate.result === FAX_RESULTS.Success;
    const delivered = running ? 0 : (fate.delivered ?? (success ? pages : 0));
    return {
      status: 200,
      json: {
        FaxResult: this.#result(running ? FAX_RESULTS.InProgress : fate.result),
        State: running ? 5 : 0,
        JobId: id,
        PagesDelivered: delivered,
        ConnectTime: running ? 0 : (fate.connectTime ?? (delivered > 0 ? 30 : 0)),
        ConnectSpeed: delivered > 0 ? 14_400 : 0,
        RemoteId: delivered > 0 ? '  FAR MACHINE ' : '',
        Tag: fax.fields.Tag,
        SomethingNew: { of: ['a later version'] },
      },
    };
  }

  #unread(): InboxFax[] {
    return this.inbox.filter(({ jobId }) => !this.received.includes(jobId));
  }

  #next(download: boolean): Reply {
    const now = this.#options.now();
    const fax = this.#unread().find(({ jobId }) => (this.#lockedUntil.get(jobId) ?? 0) <= now);
    if (fax === undefined) return { status: 404, json: { FaxResult: this.#result(FAX_RESULTS.ItemNotFound) } };
    this.#lockedUntil.set(fax.jobId, now + (this.#options.lock ?? LOCK));
    return { status: 200, json: this.#arrival(fax, download) };
  }

  #get(id: string): Reply {
    const fax = this.inbox.find(({ jobId }) => jobId === id);
    if (fax === undefined) return { status: 404, json: { FaxResult: this.#result(FAX_RESULTS.ItemNotFound) } };
    return { status: 200, json: this.#arrival(fax, true) };
  }

  #markReceived(id: string): Reply {
    if (!this.inbox.some(({ jobId }) => jobId === id)) return { status: 404 };
    this.received.push(id);
    return { status: 200, json: { FaxResult: this.#result(FAX_RESULTS.Success) } };
  }

  #arrival(fax: InboxFax, withImage = false): object {
    return {
      FaxResult: this.#result(fax.result ?? FAX_RESULTS.Success),
      JobId: fax.jobId,
      CalledNumber: fax.called,
      CallingNumber: fax.calling,
      RemoteId: fax.remoteId ?? null,
      PagesReceived: fax.pages,
      ConnectTime: 42,
      ConnectSpeed: 14_400,
      ReceivedOn: '2030-01-01T00:00:00Z',
      FaxImage: withImage ? Buffer.from(fax.image).toString('base64') : null,
    };
  }

  #result(code: number): number | string {
    if (this.#options.names !== true) return code;
    return Object.entries(FAX_RESULTS).find(([, known]) => known === code)?.[0] ?? String(code);
  }
}

/** JSON or form-urlencoded, as the carrier takes both. */
function fieldsOf({ headers, body }: Asked): Record<string, unknown> {
  const text = new TextDecoder().decode(body);
  if (headers['content-type'] !== 'application/json') return Object.fromEntries(new URLSearchParams(text));
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
