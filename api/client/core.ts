/** What the Node and the browser door share; browser-safe. */
export type { RecipientKey, SigningKey } from '../../crypto/client.ts';
export {
  formatConnectionString,
  generateRecipientKey,
  generateSigningKey,
  importRecipientKey,
  importSigningKey,
  parseConnectionString,
  SealError,
  verifyCertifiedReceipt,
  verifyReceipt,
} from '../../crypto/client.ts';
export type { AccountChange, Admin, NewUser, UserChange } from './admin.ts';
export type { CdrFilter, CdrReport, Cdrs, Reports } from './cdrs.ts';
export type { Client, ClientOptions, TransportFactory } from './client.ts';
export {
  type CodeSource,
  codeField,
  type OidcProof,
  type PasskeyProof,
  type Proof,
  type TokenProof,
} from './credentials.ts';
export type { DocumentInput, DocumentSource } from './document.ts';
export { ApiProblem, ClientError, type ClientErrorCode, type FieldProblem } from './errors.ts';
export type { EventPage, Events, EventsOptions } from './events.ts';
export type { AdminFaxes, AdminFaxFilter, AdminSendRequest } from './fax-administration.ts';
export type { Batches, BatchRequest, Faxes, FaxFilter, Progress, SendControl, SendRequest } from './faxes.ts';
export type { InboundFilter, Inbox, InboxFax, InboxOptions } from './inbox.ts';
export type { AdminMail, NoticesWish, ReportSchedules } from './mail.ts';
export { beginSignIn, endSignIn, type OidcAnswer, type SignInBegun, type SignInTrip, signInDoors } from './openid.ts';
export type { OwnPasskeys } from './passkeys.ts';
export type { DeliverControl } from './repeat.ts';
export type { SealedPage } from './sealed-inbound.ts';
export { processMemory, type SequenceMemory } from './sequence-memory.ts';
export type { SignIn, StepUp, StepUpProof } from './sign-in.ts';
export { writeTiff } from './tiff.ts';
export type { Transport, TransportAnswer, TransportRequest } from './transport.ts';
export * from './types.ts';
export {
  verifyWebhook,
  type WebhookFault,
  type WebhookHeaders,
  type WebhookKeys,
  type WebhookMessage,
} from './webhook-verification.ts';
export type { DeliveryFilter, Webhooks } from './webhooks.ts';
