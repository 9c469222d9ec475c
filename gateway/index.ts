/** The gateway's door: what the API and the composition root may know of it. */
export {
  AccessError,
  type AccessErrorCode,
  allowed,
  canonicalAddress,
  parseRules,
  rateNetwork,
} from './access/index.ts';
export type * from './gateway.ts';
