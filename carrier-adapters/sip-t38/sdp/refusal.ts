import type { Refusal } from './media.ts';

/** The warn-codes of RFC 3261 §20.43 that fit, and what they say of us. */
const REASONS = {
  'no-description': { code: 399, text: 'The session description cannot be read' },
  protocol: { code: 302, text: 'Only RTP/AVP and UDPTL are spoken here' },
  address: { code: 301, text: 'Only a unicast address of our own kind can be reached' },
  multicast: { code: 330, text: 'No multicast' },
  kind: { code: 304, text: 'Only audio and T.38 are taken here' },
  format: { code: 305, text: 'Only PCMU, PCMA and T.38 are taken here' },
  refused: { code: 399, text: 'The stream was refused' },
} as const;

/** Why a media line cannot be taken. */
export type Reason = keyof typeof REASONS;

/** The refusal for a reason. */
export function refusalFor(reason: Reason): Refusal {
  return { status: 488, ...REASONS[reason] };
}

/** The value of a Warning header field (RFC 3261 §20.43). @param agent our host name or a pseudonym, a token */
export function warningValue({ code, text }: Refusal, agent: string): string {
  return `${code} ${agent} "${text}"`;
}
