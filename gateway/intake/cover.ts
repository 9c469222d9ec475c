import { openObject, sealObject, wipe } from '../../crypto/index.ts';
import type { CoverText, PageOptions } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { RenderJob } from '../ports/renderer.ts';

/** Name of the vault object that holds a cover's text. */
export const COVER_OBJECT = 'cover/0';
/** Name of the vault object that holds the account's form, as it was when the fax was accepted. */
export const FORM_OBJECT = 'cover/1';
/** Longest text of a cover as JSON, octets; the schema of the API allows less. */
const LONGEST = 65_536;

/** Seals the text of a cover page into the vault: it is content and dies with the images. */
export async function putCover(vault: ImageVault, fax: FaxId, dek: Uint8Array, cover: CoverText): Promise<void> {
  const json = new TextEncoder().encode(JSON.stringify(cover));
  const source = async function* () {
    yield json;
  };
  await vault.put(fax, COVER_OBJECT, sealObject(dek, { fax, object: COVER_OBJECT }, source(), { wipeSource: true }));
}

/** Seals the form of a cover into the vault. `pdf` is zeroed. */
export async function putForm(vault: ImageVault, fax: FaxId, dek: Uint8Array, pdf: Uint8Array): Promise<void> {
  await vault.put(fax, FORM_OBJECT, sealObject(dek, { fax, object: FORM_OBJECT }, [pdf], { wipeSource: true }));
}

/** The sealed form of a fax as the renderer takes it; nothing for a fax without one. */
export function sealedForm(vault: ImageVault, fax: FaxId, { sealedForm }: PageOptions): Pick<RenderJob, 'coverForm'> {
  if (sealedForm !== true) return {};
  return { coverForm: { object: FORM_OBJECT, sealed: vault.read(fax, FORM_OBJECT) } };
}

/** `options` with the text of the sealed cover, when there is one. */
export async function withCover(
  vault: ImageVault,
  fax: FaxId,
  dek: Uint8Array,
  options: PageOptions,
): Promise<PageOptions> {
  if (options.sealedCover !== true) return options;
  const context = { fax, object: COVER_OBJECT };
  const json = new Uint8Array(LONGEST);
  let length = 0;
  try {
    for await (const chunk of openObject(dek, context, vault.read(fax, COVER_OBJECT))) {
      json.set(chunk, length);
      length += chunk.length;
    }
    return { ...options, cover: JSON.parse(new TextDecoder().decode(json.subarray(0, length))) as CoverText };
  } finally {
    wipe(json);
  }
}

/** `options` as the records may have them. */
export function withoutCover(options: PageOptions): PageOptions {
  return options.cover === null ? options : { ...options, cover: null, sealedCover: true };
}
