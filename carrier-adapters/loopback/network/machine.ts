import type { PaperWidth } from '../../../gateway/fax/fax.ts';
import { PAGE_LIMIT, type Paper, type Sheet } from './paper.ts';
import type { Rule } from './rules.ts';
import { type Command, deadTone, ended, type PageGeometry } from './signals.ts';
import type { Station, StationCall } from './station.ts';
import { commonRate, DURATIONS, FASTEST, lineReport, slower } from './timing.ts';

/** How often a training is tried at falling rates before the caller disconnects (T.30 §5.4.2, figure 5-2a: three TCF). */
const TRAININGS = 3;

/**
 * Recording widths of T.4 table 1 in inches: 1728, 2048 and 2432 pels at 8 pels/mm, which count as 204 dpi. The same
 * papers have up to 2 % more at 300 dpi (2592 pels for A4).
 */
const INCHES = { a4: 8.65, b4: 10.25, a3: 12.17 } as const satisfies Record<PaperWidth, number>;

/** A fax machine, telephone or dead line that behaves as `rule` says and prints on `paper`. */
export function createMachine(rule: Rule, call: StationCall, paper: Paper): Station {
  const { behaviour } = rule;
  const { order } = call;
  const ecm = order.ecm && behaviour.does !== 'rtn'; // with ECM a page is corrected block by block and RTN is never sent
  const widest = rule.paper ?? 'a4';
  const remoteId = rule.remoteId ?? order.to;
  let rate = commonRate(order.maxRate, call.maxRate, rule.rate ?? FASTEST);
  let retrains = 0;
  let page = 0;
  let printed = 0;
  let rtnsLeft = behaviour.does === 'rtn' ? behaviour.times : 0;
  let sheet: Sheet | undefined;

  const atPage = () => 'page' in behaviour && behaviour.page === page;
  const hungUp = (detail: string) => ended('hung_up', detail);

  async function bad(): Promise<{ hear: 'rtn'; line: ReturnType<typeof lineReport> }> {
    rtnsLeft--;
    retrains++;
    page--; // the same page comes again
    await spoil();
    const line = lineReport(rate, ecm, retrains);
    rate = slower(rate);
    return { hear: 'rtn', line };
  }

  async function spoil(): Promise<void> {
    const spoiled = sheet;
    sheet = undefined;
    await spoiled?.spoiled();
  }

  return {
    async ring() {
      await call.pass(DURATIONS.setUp);
      return deadTone(behaviour) ?? { hear: 'ringing' };
    },
    async pickUp() {
      if (behaviour.does === 'no_answer') {
        await call.pass(DURATIONS.noAnswer);
        return ended('no_answer', 'nobody answered within 60 s');
      }
      await call.pass(rule.ringSeconds === undefined ? DURATIONS.ring : rule.ringSeconds * 1_000);
      return { hear: 'answered' };
    },
    async train() {
      if (behaviour.does === 'voice') {
        await call.pass(DURATIONS.t1);
        return ended('no_fax', 'T1 expired without DIS');
      }
      if (retrains === 0) await call.pass(DURATIONS.identification);
      if (behaviour.does === 'refuse_training') {
        await call.pass(DURATIONS.training * TRAININGS);
        return ended('training_failed', 'FTT after each TCF');
      }
      await call.pass(DURATIONS.training);
      return { hear: 'trained', remoteId, line: lineReport(rate, ecm, retrains) };
    },
    async beginPage(geometry: PageGeometry) {
      const detail = `the machine records ${widest.toUpperCase()} at most`;
      if (geometry.width / geometry.xDpi > INCHES[widest]) return ended('paper_too_narrow', detail);
      page++;
      printed = 0;
      sheet = paper.sheet(order.reference, geometry);
      return { hear: 'taken' };
    },
    async block(data: Extract<Command, { do: 'block' }>['data']) {
      printed += data.length;
      if (printed > PAGE_LIMIT) return hungUp('the machine has no memory for the page');
      await call.pass((data.length * 8_000) / rate);
      await sheet?.block(data);
      if (behaviour.does === 'hang_up' && atPage()) return hungUp(`disconnected in page ${page}`);
      return { hear: 'taken' };
    },
    async endOfPage() {
      if (behaviour.does === 'hang_up' && atPage()) return hungUp(`disconnected in page ${page}`);
      if (atPage() && rtnsLeft > 0) {
        await call.pass(DURATIONS.postMessage);
        return bad();
      }
      await sheet?.whole();
      sheet = undefined;
      if (behaviour.does === 'vanish' && atPage()) return ended('line_lost', `no answer to the end of page ${page}`);
      await call.pass(DURATIONS.postMessage);
      return { hear: 'mcf', line: lineReport(rate, ecm, retrains) };
    },
    released: spoil,
  };
}
