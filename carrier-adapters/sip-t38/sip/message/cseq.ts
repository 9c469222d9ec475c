/** CSeq (RFC 3261 §20.16): `number` below 2^31, and the method of the request. */
export interface CSeq {
  readonly number: number;
  readonly method: string;
}
