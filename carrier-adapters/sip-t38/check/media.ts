import type { SipT38Config } from '../config.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** `40000–40999`, or what stands for it. */
export function portsText({ media }: Pick<SipT38Config, 'media'>): string {
  const [first, last] = media.ports;
  return last === 0 ? 'all ports (media.ports names none)' : `${first}–${last}`;
}

/** Whether there are ports for media. @param opened one of them could be opened @param proved media came through it */
export function judgeMedia(config: SipT38Config, opened: boolean, proved: boolean): Finding {
  const { media, maxIncoming } = config;
  const [first, last] = media.ports;
  const text = `UDP ${portsText(config)} on ${media.address}`;
  if (!opened) {
    return fault(
      'media',
      `${text}: none could be opened`,
      'Check that media.address is one of this host’s, and that no other program has these ports.',
    );
  }
  if (proved) return ok('media', `${text}: media comes and goes`);
  if (last === 0) {
    return warning(
      'media',
      `${text}: any free port is taken`,
      'A firewall wants a range: set media.ports, 2 ports for each call at once.',
    );
  }
  const calls = Math.floor((last - first - (first % 2)) / 2) + 1;
  if (calls < maxIncoming) {
    return warning(
      'media',
      `${text}: room for ${calls} calls at once, but maxIncoming is ${maxIncoming}`,
      'Widen media.ports, or lower maxIncoming.',
    );
  }
  return ok('media', `${text}: room for ${calls} calls at once; the firewall has to let it in and out`);
}
