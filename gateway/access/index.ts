export { type AccessParts, type AccessStage, createAccess } from './access.ts';
export { canonicalAddress, rateNetwork } from './address.ts';
export { allowed, parseRules } from './cidr.ts';
export { AccessError, type AccessErrorCode } from './errors.ts';
export {
  type Claim,
  type FirstFactor,
  type FirstVerdict,
  type Presented,
  type SecondFactor,
  type SecondVerdict,
  WRONG,
} from './factor.ts';
export { createIdentities, type IdentityParts, type IdentityStage } from './identities.ts';
export { createMemorySessions, type MemorySessions, SESSION_LIMITS } from './memory-sessions.ts';
