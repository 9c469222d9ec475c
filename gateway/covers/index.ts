import { wipe } from '../../crypto/index.ts';
import { COVER_FORM_BYTES, type CoverForm, isShippedCover } from '../fax/cover.ts';
import { FaxError } from '../fax/errors.ts';
import type { AccountId } from '../fax/ids.ts';
import type { Covers } from '../gateway.ts';
import type { Clock } from '../ports/clock.ts';
import type { CoverRecords } from '../ports/cover-records.ts';
import { DocumentRejected, type Renderer } from '../ports/renderer.ts';
import { type FormProof, proveForm } from './proof.ts';
import { openForm, sealForm } from './sealed-form.ts';

/** What the covers work on. */
export interface CoversParts {
  readonly records: CoverRecords;
  readonly renderer: Pick<Renderer, 'render' | 'convert'>;
  /** The gateway's record-seal key, 32 bytes. */
  readonly sealKey: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
}

/** The covers stage: what administrators keep, and what the intake takes for a fax. */
export interface CoverStage extends Covers {
  /** The PDF of a form, for one fax: whoever takes it wipes it. Undefined when the account has none of this name. */
  form(account: AccountId, name: string): Promise<Uint8Array | undefined>;
}

/**
 * Cover forms of accounts. A form is checked once, in the sandbox, when it is added. A fax takes its own sealed copy when it
 * is accepted, so that removing or replacing a form changes no fax that waits.
 */
export function createCovers({ records, renderer, sealKey, clock }: CoversParts): CoverStage {
  const form = async (account: AccountId, name: string): Promise<Uint8Array | undefined> => {
    const row = await records.cover(account, name);
    return row === undefined ? undefined : openForm(sealKey, account, name, row.sealed);
  };
  const prove = (pdf: Uint8Array): Promise<FormProof> => proveForm(renderer, pdf, clock.now()).catch(asFaxError);
  return {
    form,
    list: (account) => records.covers(account),
    async add(account, name, pdf, actor) {
      checkName(name);
      if (pdf.length > COVER_FORM_BYTES) throw tooLarge();
      const { fields, pages, png } = await prove(pdf);
      const cover: CoverForm = { account, name, fields, pages, bytes: pdf.length, createdAt: clock.now() };
      await records.addCover({ ...cover, sealed: await sealForm(sealKey, account, name, pdf) }, actor);
      return { cover, preview: png };
    },
    async preview(account, name) {
      const pdf = await form(account, name);
      if (pdf === undefined) throw notFound();
      try {
        return (await prove(pdf)).png;
      } finally {
        wipe(pdf);
      }
    },
    async remove(account, name, actor) {
      if (!(await records.removeCover(account, name, actor, clock.now()))) throw notFound();
    },
  };
}

/** Names stand in requests, paths and lists. */
function checkName(name: string): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new FaxError('cover_rejected', 'a cover is named with 1 to 40 of a–z, 0–9 and hyphen', { reason: 'name' });
  }
  if (isShippedCover(name)) {
    throw new FaxError('cover_rejected', `${name} is a cover that ships with the gateway`, { reason: 'name' });
  }
}

function tooLarge(): FaxError {
  const most = COVER_FORM_BYTES / 1024 / 1024;
  return new FaxError('cover_rejected', `a cover form has at most ${most} MiB`, { reason: 'too_large' });
}

function notFound(): FaxError {
  return new FaxError('cover_not_found', 'the account has no cover of this name');
}

function asFaxError(error: unknown): never {
  if (error instanceof DocumentRejected) throw new FaxError('cover_rejected', error.message, { reason: error.cause });
  throw error;
}
