import { randomBytes } from '../../../crypto/index.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { ListenConfig, SipT38Config } from '../config.ts';
import { NetworkError } from '../io/errors.ts';
import { HostNetwork } from '../io/host-network.ts';
import type { Network } from '../io/network.ts';
import { reach } from '../io/reach.ts';
import type { CheckSurroundings } from './check-trunk.ts';
import type { Listenable } from './listen.ts';

/** The sockets, name server and clock of this host, for a check of `config`. */
export function hostSurroundings(config: SipT38Config, clock: Clock): CheckSurroundings {
  const network = (listen: readonly ListenConfig[], failed: () => void): Network =>
    new HostNetwork({
      listen,
      media: config.media,
      publicAddress: config.publicAddress,
      authorities: config.authorities,
      peers: config.trunks.map(({ outboundProxy, server }) => (outboundProxy ?? server).host),
      clock,
      fault: (fault) => {
        if (fault === 'dns') failed();
      },
    });
  return {
    clock,
    random: randomBytes,
    network,
    listenable: () => tryToListen(network(config.listen, () => {})),
    reach: (to) => {
      const { certificate, key } = config.listen.find(({ transport }) => transport === 'tls') ?? {};
      const { authorities } = config;
      const { remote, serverName, transport } = to;
      const tls = transport === 'tls' ? { certificate, key } : { certificate: undefined, key: undefined };
      return reach({ ...tls, to: remote, serverName: transport === 'tls' ? serverName : null, authorities, clock });
    },
  };
}

/** Opens what is configured and closes it at once. */
async function tryToListen(network: Network): Promise<Listenable> {
  try {
    const signalling = await network.openSignalling(() => {});
    await signalling.close();
    return 'free';
  } catch (error) {
    if (error instanceof NetworkError) return { code: error.code, message: error.message };
    throw error;
  }
}
