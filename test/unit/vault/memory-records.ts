import type { CallId, FaxId } from '../../../gateway/fax/ids.ts';
import type {
  CopyAtCarrier,
  EpochRow,
  VaultRecords,
  WipeIntent,
  WrappedKey,
} from '../../../gateway/ports/vault-records.ts';

type ObjectRow = Awaited<ReturnType<VaultRecords['objects']>>[number];
type Receipt = { jws: string; epoch: number; epochJws: string | null };

/** VaultRecords as PostgreSQL keeps them, in memory: survives a "kill" of the vault because it is passed to the next one. */
export class MemoryVaultRecords implements VaultRecords {
  readonly keys = new Map<FaxId, WrappedKey>();
  readonly objectRows = new Map<FaxId, Map<string, ObjectRow>>();
  readonly wipeIntents = new Map<FaxId, WipeIntent>();
  readonly receipts = new Map<FaxId, Receipt>();
  readonly epochRows = new Map<number, EpochRow>();
  readonly epochJws = new Map<number, string | null>();
  /** How often a receipt was stored, by fax. */
  readonly stored: FaxId[] = [];
  /** What carriers have of a fax; written by the test. */
  readonly carrierCopies = new Map<FaxId, CopyAtCarrier[]>();
  /** Calls whose copies a first receipt told the end of. */
  readonly decided: CallId[] = [];
  overdue: { fax: FaxId; reason: string }[] = [];
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, number>();

  exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#waiting.set(name, (this.#waiting.get(name) ?? 0) + 1);
    const run = (this.#lines.get(name) ?? Promise.resolve()).then(work, work);
    const end = run
      .catch(() => undefined)
      .finally(() => {
        this.#waiting.set(name, (this.#waiting.get(name) ?? 1) - 1);
        if (this.#lines.get(name) === end) this.#lines.delete(name);
      });
    this.#lines.set(name, end);
    return run;
  }
  /** Whether somebody waits for the name. */
  waiting(name: string): boolean {
    return (this.#waiting.get(name) ?? 0) > 1;
  }
  async tryExclusively<T>(name: string, work: () => Promise<T>) {
    if (this.#lines.has(name)) return { ran: false as const };
    return { ran: true as const, value: await this.exclusively(name, work) };
  }

  /** What `accept` of the fax records does to the vault's rows. */
  setLive(fax: FaxId): void {
    const key = this.keys.get(fax);
    if (key !== undefined) this.keys.set(fax, { ...key, state: 'live', expiresAt: null });
  }

  async insertKey(key: WrappedKey, object?: string) {
    if (this.epochRows.get(key.epoch)?.state !== 'open') return false;
    if (this.keys.has(key.fax)) throw new Error('duplicate key');
    this.keys.set(key.fax, { ...key, wrapped: key.wrapped.slice() });
    if (object !== undefined) await this.objectWriting(key.fax, object);
    return true;
  }
  async key(fax: FaxId) {
    const row = this.keys.get(fax);
    return row === undefined ? undefined : { ...row, wrapped: row.wrapped.slice() };
  }
  async deleteKey(fax: FaxId) {
    return this.keys.delete(fax);
  }
  async objectWriting(fax: FaxId, object: string) {
    this.#rowsOf(fax).set(object, { object, bytes: 0, sha256: '', stored: false });
  }
  async objectStored(fax: FaxId, stored: Omit<ObjectRow, 'stored'>) {
    this.#rowsOf(fax).set(stored.object, { ...stored, stored: true });
    return this.key(fax);
  }
  async objects(fax: FaxId) {
    return [...(this.objectRows.get(fax)?.values() ?? [])].sort((a, b) => (a.object < b.object ? -1 : 1));
  }
  async deleteObject(fax: FaxId, object: string) {
    this.objectRows.get(fax)?.delete(object);
    if (this.objectRows.get(fax)?.size === 0) this.objectRows.delete(fax);
  }
  async discard(fax: FaxId) {
    if (this.keys.get(fax)?.state === 'live') return;
    this.keys.delete(fax);
    this.objectRows.delete(fax);
    this.wipeIntents.delete(fax);
  }

  async intents(olderThan: number, limit: number) {
    return [...this.wipeIntents.values()].filter((intent) => intent.since <= olderThan).slice(0, limit);
  }
  async addIntent(fax: FaxId, reason: string, now: number) {
    if (!this.wipeIntents.has(fax)) this.wipeIntents.set(fax, { fax, reason, since: now });
  }
  async copies(fax: FaxId) {
    return this.carrierCopies.get(fax) ?? [];
  }
  async storeReceipt(fax: FaxId, epoch: number, jws: string, _now: number, decided: readonly CallId[] = []) {
    const rows = this.keys.has(fax) || this.objectRows.has(fax);
    this.wipeIntents.delete(fax);
    if (this.receipts.has(fax) && !rows) return;
    this.stored.push(fax);
    this.decided.push(...decided);
    this.receipts.set(fax, { jws, epoch, epochJws: null });
    this.keys.delete(fax);
    this.objectRows.delete(fax);
  }
  async receipt(fax: FaxId) {
    return this.receipts.get(fax);
  }

  async epochs() {
    return [...this.epochRows.values()].sort((a, b) => a.number - b.number);
  }
  async openEpoch(number: number, now: number) {
    if (this.epochRows.has(number)) throw new Error('epoch exists');
    this.epochRows.set(number, { number, state: 'open', openedAt: now, destroyedAt: null });
  }
  async closeEpoch(number: number) {
    const row = this.epochRows.get(number);
    if (row?.state === 'open') this.epochRows.set(number, { ...row, state: 'closing' });
  }
  async keysOfEpoch(number: number, limit: number) {
    return [...this.keys.values()].filter((key) => key.epoch === number).slice(0, limit);
  }
  async rewrap(fax: FaxId, from: number, to: number, wrapped: Uint8Array, was: Uint8Array) {
    const row = this.keys.get(fax);
    if (row?.epoch !== from || Buffer.compare(row.wrapped, was) !== 0) return false;
    this.keys.set(fax, { ...row, epoch: to, wrapped: wrapped.slice() });
    return true;
  }
  async keyCountOfEpoch(number: number) {
    return (await this.keysOfEpoch(number, Number.POSITIVE_INFINITY)).length;
  }
  async receiptsOfEpoch(number: number) {
    const all = [...this.receipts].filter(([, receipt]) => receipt.epoch === number);
    return all.map(([fax, { jws }]) => ({ fax, jws })).sort((a, b) => (a.fax < b.fax ? -1 : 1));
  }
  async destroyEpoch(number: number, jws: string | null, now: number) {
    const row = this.epochRows.get(number);
    if (row === undefined || row.state === 'destroyed') throw new Error('no such epoch to destroy');
    this.epochRows.set(number, { ...row, state: 'destroyed', destroyedAt: now });
    this.epochJws.set(number, jws);
    for (const receipt of this.receipts.values()) if (receipt.epoch === number) receipt.epochJws = jws;
  }

  async expiredUploads(now: number, limit: number) {
    const expired = [...this.keys.values()].filter((key) => key.state === 'uploading' && (key.expiresAt ?? 0) <= now);
    return expired.map((key) => key.fax).slice(0, limit);
  }
  async renewUploads(faxes: readonly FaxId[], expiresAt: number) {
    for (const fax of faxes) {
      const key = this.keys.get(fax);
      if (key?.state === 'uploading') this.keys.set(fax, { ...key, expiresAt });
    }
  }
  async hasRows(faxes: readonly FaxId[]) {
    return new Set(faxes.filter((fax) => this.keys.has(fax) || this.objectRows.has(fax)));
  }
  async overdueImages(_now: number, _absolute: number, limit: number) {
    return this.overdue.slice(0, limit);
  }
  async keysOutside(epochs: readonly number[], limit: number) {
    const outside = [...this.keys.values()].filter((key) => !epochs.includes(key.epoch));
    return outside.map((key) => key.fax).slice(0, limit);
  }

  #rowsOf(fax: FaxId): Map<string, ObjectRow> {
    const rows = this.objectRows.get(fax) ?? new Map<string, ObjectRow>();
    this.objectRows.set(fax, rows);
    return rows;
  }
}
