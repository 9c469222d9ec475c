/** A session description of some lines, between the usual ones. */
export function sdp(...lines: string[]): string {
  return ['v=0', 'o=- 7 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0', ...lines, ''].join('\r\n');
}

/** What Asterisk offers at first. */
export const AUDIO = sdp(
  'm=audio 20342 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=maxptime:150',
  'a=sendrecv',
);

/** What it offers for T.38. */
export const T38 = sdp(
  'm=image 22619 udptl t38',
  'a=T38FaxVersion:0',
  'a=T38MaxBitRate:14400',
  'a=T38FaxRateManagement:transferredTCF',
  'a=T38FaxMaxDatagram:1400',
  'a=T38FaxUdpEC:t38UDPRedundancy',
);
