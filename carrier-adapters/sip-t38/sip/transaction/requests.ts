import { Headers, NO_BODY, type SipRequest, type SipResponse } from '../message/index.ts';

/** The ACK to a response of 300 and above, within the transaction of its INVITE (RFC 3261 §17.1.1.3). */
export function refusalAck(invite: SipRequest, response: SipResponse): SipRequest {
  return hopByHop(invite, 'ACK', response.headers.get('to') ?? invite.headers.get('to') ?? '');
}

/** The CANCEL of an INVITE (RFC 3261 §9.1), with a Reason (RFC 3326) if one is given. */
export function cancelOf(invite: SipRequest, reason: string | undefined): SipRequest {
  const request = hopByHop(invite, 'CANCEL', invite.headers.get('to') ?? '');
  if (reason !== undefined) request.headers.append('Reason', reason);
  return request;
}

/** A request that goes the way of the INVITE and has its topmost Via, so that every hop knows what it belongs to. */
function hopByHop(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string): SipRequest {
  const from = (key: Lowercase<string>) => invite.headers.get(key) ?? '';
  const headers = new Headers([
    ['Via', from('via')],
    ['From', from('from')],
    ['To', to],
    ['Call-ID', from('call-id')],
    ['CSeq', `${Number.parseInt(from('cseq'), 10)} ${method}`],
  ]);
  for (const route of invite.headers.all('route')) headers.append('Route', route);
  headers.append('Max-Forwards', '70');
  return { kind: 'request', method, uri: invite.uri, headers, body: NO_BODY };
}
