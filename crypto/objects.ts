// The narrow door of a rendering child: stored objects and page marks, without the session, the logins and the
// signatures of index.ts. A child lives for one document, so that whatever it loads is paid for with every fax.

import './node-aead.ts';
import './node-mac.ts';

export { copyBytes, newBytes } from './bytes.ts';
export { runCollection } from './collection.ts';
export { SealError, type SealErrorCode } from './errors.ts';
export { createPageMark, type PageMark } from './page-mark.ts';
export { randomBytes } from './random.ts';
export { createObjectSealer, type ObjectContext, type ObjectSealer, openObject, sealObject } from './stream/object.ts';
export type { ByteSource, SealOptions } from './stream/records.ts';
export { wipe } from './wipe.ts';
