import type { CallLadder, CarrierCopy, EndedCall, LadderStep } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { writeNewFile } from './new-file.ts';
import { costText } from './reports.ts';
import { routeText } from './routes.ts';
import { clean, columns, moment, pagesText, pairs } from './text.ts';

/** `sealfax call`. */
export const call: Command = {
  summary: 'a call that has ended, and what was said on the line',
  usage: 'CALL [--svg FILE]',
  words: [1, 1],
  options: {
    svg: { type: 'string', value: 'FILE', about: 'writes the sequence diagram there instead' },
  },
  more: 'CALL is the id in a CDR, or the id of a fax: of its calls the last one is shown.',
  async run(context, args) {
    const { cdrs } = await context.client();
    const [word = ''] = args.words;
    const id = word.startsWith('fax_') ? await lastCall(cdrs, word) : word;
    const svg = args.text('svg');
    if (svg !== undefined) {
      await writeNewFile(svg, cdrs.ladderSvg(id));
      return 'ok';
    }
    const found = await cdrs.call(id);
    context.show(found, callText(found));
    return 'ok';
  },
};

async function lastCall(cdrs: Awaited<ReturnType<Context['client']>>['cdrs'], fax: string): Promise<string> {
  const { items } = await cdrs.list({ fax });
  const id = items.find((cdr) => cdr.call !== null)?.call;
  if (id === undefined || id === null) throw new CliError('not_found', 'no call of this fax has ended');
  return id;
}

function callText(call: EndedCall): string {
  const { line, duration } = call;
  const facts = pairs({
    call: call.call,
    fax: call.fax,
    direction: call.direction,
    carrier: call.carrier,
    route: routeText(call),
    started: moment(call.startedAt),
    'line open': `${(duration / 1_000).toFixed(1)} s`,
    pages: pagesText(call.pagesSent, call.pages),
    line: line === null ? null : `${line.modulation} ${line.rate} bit/s, ${line.compression}${line.ecm ? ', ECM' : ''}`,
    cost: call.cost === null ? null : costText(call),
    result: `${call.result} (${call.cause})`,
    detail: call.detail,
    "carrier's copy": call.purge === null ? null : COPY[call.purge],
    'what to do': call.action,
  });
  return call.ladder === null
    ? `${facts}\n\nIts carrier does not tell the steps.`
    : `${facts}\n\n${ladderText(call.ladder)}`;
}

const COPY: Readonly<Record<CarrierCopy, string>> = {
  pending: 'to be erased',
  purged: 'erased',
  none: 'none',
  kept: 'STILL KEPT by the carrier',
};

const LAYER: Readonly<Record<LadderStep['layer'], string>> = {
  sip: 'SIP',
  media: 'media',
  t38: 'T.38',
  t30: 'T.30',
  call: 'gateway',
};
const ARROW: Readonly<Record<LadderStep['direction'], string>> = { sent: '──▶', heard: '◀──', none: ' · ' };

/** The steps below each other; times are seconds since the call began. */
export function ladderText({ steps, left, cut }: CallLadder): string {
  const rows = steps.map(({ at, direction, layer, signal, info }) => [
    (at / 1_000).toFixed(3).padStart(8),
    ARROW[direction],
    LAYER[layer],
    clean(signal),
    clean(info ?? ''),
  ]);
  if (left > 0) rows.splice(cut, 0, ['', '', '', `… ${left} steps …`, '']);
  return columns(['       s', '', 'layer', 'signal', ''], rows);
}
