import type { DigestClient } from '../digest.ts';
import type { ReceivedResponse } from '../message/index.ts';
import type { Core } from './core.ts';
import type { Dialog } from './dialog.ts';
import { Exchange, type ExchangeListener, type Sent } from './exchange.ts';
import type { Destination, NetworkOutput } from './io.ts';
import { Path } from './path.ts';
import type { HeaderPairs } from './session-interval.ts';
import type { Trunk } from './trunk.ts';

/** What requests within a dialog need. */
export interface DialogWay {
  readonly call: string;
  readonly trunk: Trunk;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  readonly path: Path;
}

/** Sends a request within a dialog as soon as its way is known. */
export function ask(
  core: Core,
  way: DialogWay,
  parts: { readonly method: string; readonly headers: (to: Destination) => HeaderPairs; readonly sdp?: string },
  listener: ExchangeListener,
  now: number,
): void {
  const { call, trunk, dialog, digest } = way;
  const { method, headers, sdp } = parts;
  way.path.when(now, (to, at) => {
    const compose = () => dialog.request({ method, headers: headers(to), ...(sdp !== undefined && { sdp }) });
    new Exchange(core, { trunk, call, digest, targets: [to], compose }, listener).start(at);
  });
}

/** BYE; `done` is called when it was answered, whatever the answer, or nobody answers (RFC 3261 §15.1.1). */
export function sayBye(core: Core, way: DialogWay, cause: number, now: number, done: (now: number) => void): void {
  const headers = () => [['Reason', reason(cause)] as const];
  const finish = (at: number) => done(at);
  const listener = {
    success: (_response: ReceivedResponse, _sent: Sent, at: number) => finish(at),
    failure: (_failure: unknown, at: number) => finish(at),
  };
  ask(core, way, { method: 'BYE', headers }, listener, now);
}

/**
 * ACK to a 2xx, with the credentials of its INVITE (RFC 3261 §13.2.2.4, §22.1); `keep` gets what went out, to be repeated
 * with each repeated 2xx.
 */
export function acknowledge(
  core: Core,
  way: DialogWay,
  invite: Sent,
  now: number,
  keep: (sent: readonly NetworkOutput[]) => void = () => {},
): void {
  const headers = invite.request.headers
    .lines()
    .filter(({ key }) => key === 'authorization' || key === 'proxy-authorization')
    .map(({ name, value }) => [name, value] as const);
  way.path.when(now, (to, at) => {
    core.step(way.call, 'sent', 'ACK');
    keep(core.acknowledge(way.dialog.request({ method: 'ACK', headers, cseq: cseqOf(invite) }), to, at));
  });
}

/** A dialog that nobody wants, of a fork or of a 2xx that crossed CANCEL: ACK, then BYE (§13.2.2.4, §15). */
export function dismiss(
  core: Core,
  parts: Omit<DialogWay, 'path'> & { readonly invite: Sent },
  cause: number,
  now: number,
  done: (now: number) => void = () => {},
): void {
  const path = new Path(core, parts.trunk, parts.invite.to);
  path.lead(parts.dialog.nextHop, now);
  const way = { ...parts, path };
  acknowledge(core, way, parts.invite, now);
  sayBye(core, way, cause, now, (at) => {
    path.release();
    done(at);
  });
}

/** Value of Reason for a Q.850 cause (RFC 3326 §2). */
export function reason(cause: number): string {
  return `Q.850;cause=${cause}`;
}

/** The CSeq number of a request of ours. */
export function cseqOf({ request }: Sent): number {
  return Number.parseInt(request.headers.get('cseq') ?? '', 10);
}
