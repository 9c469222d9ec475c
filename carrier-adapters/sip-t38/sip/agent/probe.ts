import { formatNameAddr, type ReceivedResponse, tokens } from '../message/index.ts';
import type { Core } from './core.ts';
import { Exchange } from './exchange.ts';
import type { Destination } from './io.ts';
import { requestOf } from './request.ts';
import type { Trunk } from './trunk.ts';
import { fromValue, trunkUri } from './trunk-uri.ts';

/** Asks a trunk what it can do (RFC 3261 §11): any response says that it lives. */
export function probe(core: Core, id: string, trunk: Trunk, now: number): void {
  const tell = (status: number | null, detail: string, allow: readonly string[] = []) =>
    core.emit({ type: 'probed', probe: id, status, detail, allow });
  const heard = (response: ReceivedResponse, to: string) =>
    tell(response.status, to, tokens(response.headers, 'allow') ?? []);
  const callId = core.word(12);
  const tag = core.word(8);
  let cseq = 0;
  let last = '';
  const compose = (to: Destination) => {
    last = placeOf(to);
    return requestOf({
      method: 'OPTIONS',
      uri: trunkUri(null, trunk.server.host, trunk.server.port),
      from: fromValue(trunk, null, tag),
      to: formatNameAddr({ uri: trunkUri(null, trunk.server.host, trunk.server.port) }),
      callId,
      cseq: ++cseq,
      headers: [['Contact', core.self.contact(trunk, to.transport)], ['Accept', 'application/sdp'], ...core.product],
    });
  };
  core.findTargets(trunk, now, (targets, at) => {
    const parts = { trunk, call: null, digest: core.digestFor(trunk), targets, compose };
    const listener = {
      success: (response: ReceivedResponse) => heard(response, last),
      failure: ({ response, detail }: { readonly response: ReceivedResponse | null; readonly detail: string }) => {
        if (response === null) tell(null, [detail, ...targets.map(placeOf)].join(', '));
        else heard(response, last);
      },
    };
    new Exchange(core, parts, listener).start(at);
  });
}

function placeOf({ transport, remote }: Destination): string {
  return `${transport} ${remote.address} port ${remote.port}`;
}
