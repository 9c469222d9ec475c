import type { SipT38Config, TrunkConfig } from '../config.ts';
import type { NetworkErrorCode } from '../io/errors.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** Whether the addresses of `listen` could be opened; `address_in_use`: another program has one, the gateway most likely. */
export type Listenable = 'free' | { readonly code: NetworkErrorCode; readonly message: string };

/** Whether a gateway of this configuration runs on this host, as far as its sockets tell. */
export function isRunning(listenable: Listenable): boolean {
  return listenable !== 'free' && listenable.code === 'address_in_use';
}

/** What the settings of listen do for a trunk. */
export function judgeListen(config: SipT38Config, trunk: TrunkConfig, listenable: Listenable): Finding {
  const { transport } = trunk;
  if (!config.listen.some((one) => one.transport === transport)) {
    return fault(
      'listen',
      `the trunk is reached over ${transport}, and listen has no entry for that`,
      `Add { "transport": "${transport}", "address": "0.0.0.0", "port": ${transport === 'tls' ? 5_061 : 5_060} } to listen.`,
    );
  }
  const places = config.listen.map((one) => `${one.transport} ${one.address} port ${one.port || 'any'}`).join(', ');
  if (listenable === 'free') return ok('listen', `${places}: free; the gateway does not run here`);
  if (listenable.code === 'address_in_use') {
    return ok(
      'listen',
      `${places}: taken, so the gateway runs (or another program has the port); nothing is changed at the registrar`,
    );
  }
  if (listenable.code === 'failed')
    return warning('listen', listenable.message, 'The gateway will not start like this.');
  const advice = {
    address_unavailable: 'listen.address is none of this host’s; 0.0.0.0 stands for all.',
    not_permitted: 'Ports below 1024 need the right to them (CAP_NET_BIND_SERVICE); take 5060.',
    certificate_invalid:
      'certificate and key of listen must be PEM and belong together; check certificateFile and keyFile.',
  }[listenable.code];
  return fault('listen', listenable.message, advice);
}
