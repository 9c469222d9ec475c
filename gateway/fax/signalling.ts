/** What the signalling of a call said when it ended; null where it said nothing, or the carrier does not tell. */
export interface SignallingCodes {
  /** The final status of the INVITE (RFC 3261 §21). */
  readonly sipStatus: number | null;
  /** The cause of the telephone network (ITU-T Q.850, RFC 3326). */
  readonly q850: number | null;
}

/** How the detail of a call over SIP begins: `SIP 486, Q.850 17: …`, `no answer, Q.850 3: …`, `BYE, Q.850 16: …`. */
const BEGINNING = /^(?:BYE, |no answer, )?(?:SIP ([1-6]\d\d)(?:, )?)?(?:Q\.850 (\d{1,3}))?:/;

/** The codes that the detail of a call begins with. What stands behind them are a stranger's words, and is not looked at. */
export function codesOf(detail: string): SignallingCodes {
  const [, sip, q850] = BEGINNING.exec(detail) ?? [];
  return { sipStatus: sip === undefined ? null : Number(sip), q850: q850 === undefined ? null : Number(q850) };
}
