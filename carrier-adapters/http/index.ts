/** What carriers behind an HTTP API share; it knows none of them. */
export { base64Octets } from './base64.ts';
export type { HttpBody, Part } from './body.ts';
export { causeOfStatus, inTheDark, isCut, nothingSent, notSent, stopped } from './call-end.ts';
export {
  clientAt,
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  readAnswer,
} from './client.ts';
export { erased, kept } from './erasure.ts';
export type { HttpAnswer, HttpFailure, HttpResult } from './exchange.ts';
export { FaxIds } from './fax-ids.ts';
export { type FollowedApi, type Following, follow, type Reading } from './follow.ts';
export { type FormPart, readFormData } from './form-data.ts';
export { Hints } from './hints.ts';
export {
  type Delivered,
  deliverFile,
  deliverTiff,
  type FileReaders,
  isReadable,
  type PdfPages,
  UNKNOWN_LINE,
} from './incoming-file.ts';
export { repeatLooks } from './looks.ts';
export { createMediaFetcher, type Media, type MediaFetcher, type MediaOptions } from './media.ts';
export { writePages } from './outgoing-file.ts';
export { pause } from './pause.ts';
export { type FaxSource, ReceivedFaxes, type StoredFax } from './received-faxes.ts';
export { ReplayCache } from './replay-cache.ts';
export {
  baseUrlSchema,
  callbackUrlSchema,
  callingNumberSchema,
  hostsSchema,
  nameSchema,
  otherUrlsSchema,
} from './settings.ts';
export { type CodesOf, readDone, readTold, type Told } from './told.ts';
export { searchOrder, sendWhole } from './whole-fax.ts';
export { readListed, readNumber } from './written-number.ts';
