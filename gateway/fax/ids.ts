/**
 * Identifiers. Each is a prefix, `_`, and 26 lower-case Crockford base32 characters whose first ten are a millisecond
 * time, so that ids of one kind sort by age. They are made by `randomId` in crypto and checked here at the border;
 * inside, the brand is the proof that the check has happened.
 */
declare const brand: unique symbol;
export type Branded<T, B extends string> = T & { readonly [brand]: B };

export type AccountId = Branded<string, 'AccountId'>;
export type UserId = Branded<string, 'UserId'>;
export type FaxId = Branded<string, 'FaxId'>;
export type BatchId = Branded<string, 'BatchId'>;
export type CallId = Branded<string, 'CallId'>;
export type CdrId = Branded<string, 'CdrId'>;
export type EventId = Branded<string, 'EventId'>;
export type EndpointId = Branded<string, 'EndpointId'>;
export type DeliveryId = Branded<string, 'DeliveryId'>;
export type SessionId = Branded<string, 'SessionId'>;
export type MailId = Branded<string, 'MailId'>;
export type PasskeyId = Branded<string, 'PasskeyId'>;

interface IdKinds {
  acc: AccountId;
  usr: UserId;
  fax: FaxId;
  bat: BatchId;
  call: CallId;
  cdr: CdrId;
  evt: EventId;
  whe: EndpointId;
  dlv: DeliveryId;
  mail: MailId;
  pky: PasskeyId;
}
export type IdPrefix = keyof IdKinds;

/** `text` as an id of kind `prefix`, or undefined when it has not exactly that form. */
export function parseId<P extends IdPrefix>(prefix: P, text: string): IdKinds[P] | undefined {
  const tail = text.startsWith(`${prefix}_`) ? text.slice(prefix.length + 1) : '';
  return /^[0-9a-hjkmnp-tv-z]{26}$/.test(tail) ? (text as string as IdKinds[P]) : undefined;
}

/** The id that `make` (crypto's `randomId`) builds for `prefix`, branded. */
export function newId<P extends IdPrefix>(prefix: P, make: (prefix: string) => string): IdKinds[P] {
  return make(prefix) as IdKinds[P];
}
