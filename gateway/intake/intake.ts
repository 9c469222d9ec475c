import { copyBytes, randomId, wipe } from '../../crypto/index.ts';
import { isShippedCover } from '../fax/cover.ts';
import { REVIEW, REVIEW_FOR } from '../fax/destination.ts';
import { FaxError } from '../fax/errors.ts';
import type { CoverText, PageOptions } from '../fax/fax.ts';
import { type AccountId, type BatchId, type FaxId, newId } from '../fax/ids.ts';
import type { E164 } from '../fax/number.ts';
import type { Intake, Principal, Submission, SubmitAnswer, SubmitRequest } from '../gateway.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { DestinationGuard } from '../ports/destination-guard.ts';
import type { AcceptedFax, NewFax } from '../ports/fax-records.ts';
import type { Admission } from '../ports/guard-records.ts';
import { sealedForm, withoutCover } from './cover.ts';
import { endQuietly, type Inspection, inspect } from './inspection.ts';
import { renderOptions } from './render-options.ts';
import { createRendering, type RenderingParts } from './rendering.ts';
import { createReplay } from './replay.ts';
import { requestHash } from './request-hash.ts';
import { INTAKE_LIMITS, type IntakeLimits, resolveTerms, type Terms } from './resolve.ts';
import { Upload } from './upload.ts';

/** What the intake works on. */
export interface IntakeParts extends RenderingParts {
  readonly accounts: Pick<AccountRecords, 'numbers'>;
  /** The PDF of an account's cover form, to be wiped by whoever takes it; undefined when there is none of this name. */
  readonly covers: { form(account: AccountId, name: string): Promise<Uint8Array | undefined> };
  /** Key of the hash that Idempotency-Keys are compared by, 32 bytes. */
  readonly hashKey: Uint8Array;
  /** What may be called at all. */
  readonly guard: Pick<DestinationGuard, 'admit'>;
  readonly draining: () => boolean;
  /** Whether the records were restored and nobody has confirmed it yet. */
  readonly held?: () => boolean;
  readonly limits?: Partial<IntakeLimits>;
  /** Faxes whose pages come from the child that inspected them, at once; others wait for the render bell. */
  readonly carryOn?: number;
}

/** The intake, and the render worker's part. */
export interface IntakeStage extends Intake {
  /** Makes the pages of this fax, unless another has it. */
  render(fax: FaxId): Promise<void>;
  /** Hears the render bell. It says that there is work; which fax is next, the records say. */
  renderNext(): Promise<void>;
  /** Resolves when no page of a just accepted fax is being made here any more; for a drain. */
  settled(): Promise<void>;
}

/** What a submission answers; stored with its key for replays. */
export interface Answer {
  readonly faxes: readonly FaxId[];
  readonly batch: BatchId | null;
}

/** The intake stage: uploads into the vault, inspection, durable acceptance (W0a to W0c), rendering. */
export function createIntake(parts: IntakeParts): IntakeStage {
  const limits = { ...INTAKE_LIMITS, ...parts.limits };
  const rendering = createRendering(parts);
  const running = new Set<Promise<void>>();
  const carryOn: CarryOn = (fax, run, key) => {
    if (running.size >= (parts.carryOn ?? 16)) return false;
    const task: Promise<void> = rendering
      .finish(fax, run)
      .catch(() => parts.log.warn({ fax }, 'rendering was cut short; the poller finds the fax again'))
      .finally(() => {
        wipe(key);
        running.delete(task);
      });
    running.add(task);
    return true;
  };
  const ring: Ring = (fax, priority) => {
    const task: Promise<void> = parts.queue
      .ring('render', fax, { priority })
      .catch(() => parts.log.warn({ fax }, 'the render bell was not heard; the poller finds the fax'))
      .finally(() => running.delete(task));
    running.add(task);
  };
  return {
    async begin(principal, idempotencyKey) {
      const { account, user } = principal;
      if (account === null) throw new FaxError('option_invalid', 'a fax is sent for an account');
      if (parts.draining()) throw new FaxError('draining', 'the gateway is stopping; try again in a moment');
      if (parts.held?.() === true) {
        throw new FaxError('restore_unconfirmed', 'the gateway was restored from a backup and waits for its operator');
      }
      if (account.paused) throw new FaxError('account_paused', 'the account is paused');
      const known = await parts.faxes.beginKey(account.id, idempotencyKey, parts.clock.now());
      if (known.state === 'running') {
        throw new FaxError('idempotency_running', 'a request with this Idempotency-Key is still running');
      }
      if (known.state === 'done') return createReplay(parts.hashKey, known, limits);
      const address = user.realm === 'admin' ? principal.address : null;
      return new NewSubmission({ ...parts, limits }, { carryOn, ring }, { account, user, address }, idempotencyKey);
    },
    render: (fax) => rendering.render(fax),
    renderNext: () => rendering.renderNext(),
    async settled() {
      await Promise.all(running);
    },
  };
}

/** Takes over a rendering and zeroes its key in the end; false when there is no room for it. */
type CarryOn = (fax: FaxId, run: Inspection['rest'], key: Uint8Array) => boolean;

/** Rings for the rendering; the answer does not wait for it. */
type Ring = (fax: FaxId, priority: number) => void;

/** What happens to a fax that has been accepted. */
interface NextSteps {
  readonly carryOn: CarryOn;
  readonly ring: Ring;
}

interface Sender {
  readonly account: NonNullable<Principal['account']>;
  readonly user: Principal['user'];
  /** Of an administrator, for the audit log. */
  readonly address: string | null;
}

/** How often a request says that it is still at work, ms: thrice in the time after which its key is free. */
const KEY_RENEWED = 20_000;

/** A submission under a key that was not used before. */
class NewSubmission implements Submission {
  readonly #parts: IntakeParts & { readonly limits: IntakeLimits };
  readonly #next: NextSteps;
  readonly #sender: Sender;
  readonly #key: string;
  readonly #upload: Upload;
  #ownForm = false;
  #state: 'open' | 'committing' | 'done' = 'open';
  #stopRenewal = () => {};

  constructor(parts: IntakeParts & { readonly limits: IntakeLimits }, next: NextSteps, sender: Sender, key: string) {
    this.#parts = parts;
    this.#next = next;
    this.#sender = sender;
    this.#key = key;
    this.#upload = new Upload(parts.vault, sender.account.id, parts.limits);
    this.#renewLater();
  }

  /** Key and image stay ours while the upload lasts; one that dies with its process is soon free, and swept. */
  #renewLater(): void {
    const { clock, faxes, log } = this.#parts;
    this.#stopRenewal = clock.after(KEY_RENEWED, () => {
      if (this.#state === 'done') return;
      const key = faxes.renewKey(this.#sender.account.id, this.#key, clock.now());
      Promise.all([key, this.#upload.renew()]).catch(() => log.warn({}, 'an upload could not be renewed'));
      this.#renewLater();
    });
  }

  document(info: Parameters<Submission['document']>[0], source: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#upload.take(info, source);
  }

  async commit(request: SubmitRequest): Promise<SubmitAnswer> {
    this.#state = 'committing';
    const { accounts, clock, hashKey, limits } = this.#parts;
    const { account } = this.#sender;
    const numbers = (await accounts.numbers(account.id)).map((row) => row.number);
    const terms = resolveTerms(account, numbers, request, clock.now(), limits);
    const admissions = await this.#parts.guard.admit(account, numbers, request.to, clock.now());
    const digests = this.#upload.documents.map((document) => document.digest);
    const hash = requestHash(hashKey, request, digests);
    if (terms.options.cover !== null) await this.#takeCover(terms.options.cover);
    this.#checkDocuments(terms, request.to.length);
    const { fax, dek } = await this.#upload.first();
    // The child reads the key as it starts; a copy, so that closing the upload cannot blank it under a running job.
    const childKey = copyBytes(dek);
    const inspection = await this.#inspect(fax, childKey, terms, request);
    try {
      const { answer, accepted } = await this.#accept(request, { terms, admissions }, inspection, hash);
      this.#end();
      this.#upload.close();
      await this.#handOver(answer, inspection, childKey, terms.priority);
      return { ...answer, accepted, replayed: false };
    } catch (error) {
      await endQuietly(inspection.rest);
      wipe(childKey);
      throw error;
    }
  }

  /** Seals the text of the cover, and the form as it is now: what becomes of it later does not concern this fax. */
  async #takeCover(cover: CoverText): Promise<void> {
    if (!isShippedCover(cover.template)) {
      const form = await this.#parts.covers.form(this.#sender.account.id, cover.template);
      if (form === undefined) {
        throw new FaxError('option_invalid', 'the account has no cover of this name', { pointer: '/cover/template' });
      }
      await this.#upload.form(form);
      this.#ownForm = true;
    }
    await this.#upload.cover(cover);
  }

  #checkDocuments(terms: Terms, receivers: number): void {
    const { documents } = this.#upload;
    if (documents.length === 0 && terms.options.cover === null) {
      throw new FaxError('document_missing', 'a document or a cover page is needed', { pointer: '/document' });
    }
    if (this.#upload.bytes * (receivers - 1) > this.#parts.limits.batchBytes) {
      throw new FaxError('document_too_large', 'the documents are too large for so many numbers', { pointer: '/to' });
    }
  }

  async #inspect(fax: FaxId, dek: Uint8Array, terms: Terms, request: SubmitRequest): Promise<Inspection> {
    const to = request.to[0] as E164;
    const { maxPages } = this.#sender.account.policy;
    const at = terms.notBefore ?? this.#parts.clock.now();
    const options = renderOptions({ from: terms.from, to, options: terms.options, at, maxPages });
    const form = sealedForm(this.#parts.vault, fax, this.#recorded(terms.options));
    const documents = this.#upload.sealed(fax);
    try {
      return await inspect(this.#parts.renderer.render({ fax, dek, documents, ...form, options }));
    } catch (error) {
      wipe(dek);
      throw error;
    }
  }

  /** `options` as the records have them. */
  #recorded(options: PageOptions): PageOptions {
    return { ...withoutCover(options), ...(this.#ownForm ? { sealedForm: true } : {}) };
  }

  /** W0c. Before it each further number gets its own key and copy of the documents. */
  async #accept(
    request: SubmitRequest,
    { terms, admissions }: { readonly terms: Terms; readonly admissions: readonly Admission[] },
    inspection: Inspection,
    hash: string,
  ): Promise<{ readonly answer: Answer; readonly accepted: AcceptedFax }> {
    for (let more = 1; more < request.to.length; more++) await this.#upload.copy();
    const { account, user, address } = this.#sender;
    const at = this.#parts.clock.now();
    const batch = request.batch || request.to.length > 1 ? newId('bat', randomId) : null;
    const faxes = this.#upload.faxes.map((id, index): NewFax => {
      const options = { ...this.#recorded(terms.options), mediaTypes: inspection.mediaTypes };
      const documents = this.#upload.documents.length;
      const to = request.to[index] as E164;
      return {
        ...terms,
        ...admissions[index],
        ...(request.review === true ? { hold: { place: REVIEW, until: at + REVIEW_FOR } } : {}),
        options,
        id,
        account: account.id,
        user: user.id,
        batch,
        to,
        documents,
        pages: inspection.pages,
      };
    });
    const answer: Answer = { faxes: faxes.map((fax) => fax.id), batch };
    const key = { key: this.#key, hash, answer: JSON.stringify(answer), address };
    return { answer, accepted: await this.#parts.faxes.accept(faxes, key, at) };
  }

  /** Nothing here may fail the request: it is accepted, and the poller finds whatever is not rung for. */
  async #handOver(answer: Answer, inspection: Inspection, childKey: Uint8Array, priority: number): Promise<void> {
    const { carryOn, ring } = this.#next;
    const [first, ...others] = answer.faxes;
    if (first !== undefined && !carryOn(first, inspection.rest, childKey)) {
      await endQuietly(inspection.rest);
      wipe(childKey);
      ring(first, priority);
    }
    for (const fax of others) ring(fax, priority);
  }

  #end(): void {
    this.#state = 'done';
    this.#stopRenewal();
  }

  async abort(): Promise<void> {
    if (this.#state === 'done') return;
    this.#end();
    await this.#upload.discard();
    await this.#parts.faxes.dropKey(this.#sender.account.id, this.#key);
  }
}
