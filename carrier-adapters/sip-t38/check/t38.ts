import { verdictOfProcedure, verdictOfRefusal } from '../outcome.ts';
import { parseSdp } from '../sdp/parse.ts';
import { sdpOf } from '../sip/agent/body.ts';
import type { EndedEvent } from '../sip/agent/events.ts';
import type { Inquired } from '../sip/agent/inquiry.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { refusalAdvice, statusText } from './refused.ts';
import type { Trial } from './trial-call.ts';

const NO_T38 =
  'Ask the provider to switch T.38 on for this account. A trunk that carries G.711 alone cannot send faxes with this engine: give its numbers another carrier.';
const NO_MEDIA = (ports: string) =>
  `Open UDP ${ports} for media in the firewall, in both directions; behind NAT forward it and set publicAddress, or set media.latch.`;

/** What can be said of T.38 without a call: the answer to OPTIONS may describe what the trunk takes (RFC 3261 §11.2). */
export function judgeAnnounced(options: Inquired | null): Finding {
  const sdp = options?.response == null ? null : sdpOf(options.response);
  const media = sdp === null || sdp === 'other' ? [] : (parseSdp(sdp)?.media ?? []);
  const advice =
    'Only an answered call shows it: --to with the number of a fax machine of yours makes one and sends no page.';
  if (media.some(({ kind, protocol }) => kind === 'image' && protocol.toLowerCase() === 'udptl')) {
    return ok('t38', 'the trunk announces T.38 over UDPTL');
  }
  const said =
    media.length === 0
      ? 'the trunk does not say whether it carries T.38, as most do not'
      : 'the trunk announces no T.38';
  return skipped('t38', said, advice);
}

/** What a call to an address that is no telephone number has shown: whether the trunk takes calls of ours at all. */
export function judgeProbe(
  inquired: Inquired,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null },
): Finding {
  const { status, response, rang } = inquired;
  const dialPlan = 'The trunk puts every address through to somebody: look at its dial plan.';
  if (rang) return warning('t38', 'a call to no number rang; it was ended at once', dialPlan);
  const text = `a call to no number: ${statusText(inquired)}`;
  const open = '. Whether it carries T.38 shows in an answered call alone (--to)';
  if (response === null) {
    return fault(
      't38',
      text,
      'The trunk does not answer INVITE: ask the provider whether our address is admitted for calls.',
    );
  }
  if (status < 300) return warning('t38', `${text}; it was ended at once`, dialPlan);
  if ([400, 404, 410, 484, 485, 603, 604].includes(status)) return ok('t38', `${text}: calls of ours are taken${open}`);
  if (status === 488 || status === 606) {
    return warning('t38', text, 'The trunk takes neither PCMU nor PCMA of ours: check codings.');
  }
  if (status === 401 || status === 403 || status === 407) {
    return fault('t38', text, refusalAdvice(status, facts.hasCredentials, facts.seen));
  }
  return warning('t38', text, refusalAdvice(status, facts.hasCredentials, facts.seen));
}

/** What a call to a fax machine has shown. @param ports of media, `40000–40999` */
export function judgeTrial(
  trial: Trial,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null; readonly ports: string },
): Finding {
  const { end, line, identified } = trial;
  if (line !== null) {
    const { modulation, rate } = line.modem;
    return ok(
      't38',
      `a fax machine answered by T.38 and trained at ${rate} bit/s ${modulation}${line.ecm ? ', with error correction' : ''}; no page was sent`,
    );
  }
  const { ending } = end;
  switch (ending.by) {
    case 'refusal':
      return judgeRefusal(ending.ended, facts);
    case 'ring_time':
      return warning('t38', 'the number rang and nobody answered', 'Call a fax machine that is switched on.');
    case 'media':
      return fault('t38', `answered, but ${ending.detail}`, NO_T38);
    case 'procedure':
      if (identified)
        return warning(
          't38',
          `T.38 works one way: ${verdictOfProcedure(ending.outcome).detail}`,
          NO_MEDIA(facts.ports),
        );
      break;
    case 'silence':
    case 'hang_up':
    case 'wish':
      break;
  }
  return judgeSilence(trial, facts.ports);
}

/** Answered, and no DIS: how far it came tells what is missing. */
function judgeSilence({ end }: Trial, ports: string): Finding {
  const heard = (layer: string) => end.ladder.steps.some((step) => step.layer === layer && step.direction === 'heard');
  const switched = end.ladder.steps.some(({ layer }) => layer === 't38');
  const refused = end.ladder.steps.some(({ direction, signal }) => direction === 'heard' && /^(488|606) /.test(signal));
  if (refused) return fault('t38', 'answered, and T.38 was refused', NO_T38);
  if (switched && !heard('t38'))
    return fault('t38', 'T.38 was agreed upon, but nothing of it arrives here', NO_MEDIA(ports));
  if (switched)
    return warning('t38', 'T.38 runs, but no fax machine was heard in it', 'Is it a fax machine? Try another one.');
  return warning('t38', 'answered, and nothing of a fax was heard', `Is it a fax machine? If so: ${NO_MEDIA(ports)}`);
}

function judgeRefusal(
  ended: EndedEvent,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null },
): Finding {
  const { cause, detail } = verdictOfRefusal(ended);
  const text = `the call was not answered: ${detail}`;
  if (cause === 'busy' || cause === 'no_answer') return warning('t38', text, 'Try again, or another fax machine.');
  if (cause === 'number_invalid') {
    return warning('t38', text, 'The trunk does not know the number in this form: check it, and numberFormat.');
  }
  if (cause === 'negotiation_failed')
    return fault('t38', text, 'Trunk and gateway have no coding in common: check codings.');
  return fault('t38', text, refusalAdvice(ended.status ?? 408, facts.hasCredentials, facts.seen));
}

/** No call could be made. */
export function noPort(): Finding {
  return skipped('t38', 'no media port is free for a call');
}
