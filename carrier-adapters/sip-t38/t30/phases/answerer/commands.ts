import { type Dcs, parseCtc, parseDcs } from '../../frames/dcs.ts';
import { frame, type HeardFrame } from '../../frames/frame.ts';
import { afterBlockOf, type PostMessage, postMessageOf } from '../../frames/post-message.ts';
import { parseIdentification, parseSubaddress } from '../../frames/station-id.ts';
import type { AnswererCall } from './call.ts';

type Command = (call: AnswererCall, heard: HeardFrame, frames: readonly HeardFrame[]) => void;

/**
 * "Command received?" of figures 5-2b and 5-2d: a command counts in whichever state it is heard, since the far station
 * repeats what it has got no answer to. What is no command is left alone.
 */
export function hearCommand(call: AnswererCall, frames: readonly HeardFrame[], _now: number): void {
  for (const heard of frames) {
    const command = COMMANDS[heard.fcf];
    if (command === undefined) continue;
    command(call, heard, frames);
    return;
  }
}

const COMMANDS: Readonly<Partial<Record<HeardFrame['fcf'], Command>>> = {
  DCS: train,
  DTC(call) {
    call.disconnect('polling_refused');
  },
  CRP(call) {
    call.answerAgain();
  },
  MPS: closePage,
  EOM: closePage,
  EOP: closePage,
  'PRI-MPS': closePage,
  'PRI-EOM': closePage,
  'PRI-EOP': closePage,
  PPS: closeBlock,
  EOR: giveUpPage,
  RR(call) {
    call.answerAgain();
  },
  CTC: continueToCorrect,
};

/** DCS, with TSI and SUB before it: TCF is next. */
function train(call: AnswererCall, heard: HeardFrame, frames: readonly HeardFrame[]): void {
  const dcs = parseDcs(heard.fif);
  if (typeof dcs === 'string') call.disconnect(dcs === 'modem' ? 'no_common_modem' : 'incompatible');
  else if (!call.fruitless('training_failed')) {
    agree(call, dcs, frames);
    if (dcs.internet && call.options.internetAware === true) call.hasten();
    call.goto('training');
  }
}

function agree(call: AnswererCall, dcs: Dcs, frames: readonly HeardFrame[]): void {
  const tsi = frames.find(({ fcf }) => fcf === 'TSI');
  const sub = frames.find(({ fcf }) => fcf === 'SUB');
  call.agree(dcs, {
    id: tsi === undefined ? null : parseIdentification(tsi.fif),
    subaddress: sub === undefined ? null : parseSubaddress(sub.fif),
  });
}

/** MPS, EOM and EOP; PRI-… is taken as the same without PRI, for nobody is here to speak to. */
function closePage(call: AnswererCall, heard: HeardFrame): void {
  const said = postMessageOf(heard);
  if (said === null || call.dcs === null || call.dcs.ecm) return;
  if (call.open) call.endPage(said.after);
  // Either our answer has not been heard or the next page has not: confirming it once more may be a lie.
  else if (call.unsure) call.disconnect('no_page_data');
  // Our answer has not been heard: no page has begun since.
  else if (call.hasAnswered(said.after)) call.answerAgain();
  else missPage(call, said.after);
}

/** The page that the command closes has never come. */
function missPage(call: AnswererCall, after: PostMessage): void {
  if (call.fruitless('no_page_data')) return;
  call.after = after;
  call.answer(after, frame('RTN'));
  call.retrain(null);
  call.goto('training_due');
}

/** PPS (T.30 §A.4.3). */
function closeBlock(call: AnswererCall, heard: HeardFrame): void {
  const said = afterBlockOf(heard);
  const outcome = said === null ? undefined : call.receiver?.pps(heard.fif.subarray(1), said.after !== 'NULL');
  if (said === null || outcome === undefined) return;
  switch (outcome.type) {
    case 'whole':
      keepBlock(call, outcome.octets, said.after === 'NULL' ? null : said.after);
      break;
    case 'repeated':
      call.answerAgain();
      break;
    case 'bad':
      askForFrames(call, outcome.ppr);
      break;
    case 'skipped':
      call.disconnect('page_not_kept');
      break;
    case 'malformed':
  }
}

/** A partial page is there. MCF at once, or when the page is kept if it was the last one. */
function keepBlock(call: AnswererCall, octets: Uint8Array, after: PostMessage | null): void {
  if (!call.take(octets)) return;
  if (after !== null) {
    call.endPage(after);
    return;
  }
  call.answer('PPS', frame('MCF'));
  call.goto('page_due');
}

/** Frames of a partial page are missing. */
function askForFrames(call: AnswererCall, ppr: Uint8Array): void {
  call.openPage();
  if (call.fruitless('too_many_retries')) return;
  call.answer('PPS', frame('PPR', ppr));
  call.goto('page_due');
}

/** EOR: the page has a hole that will not be filled (T.30 §A.4.3), so that nothing of it is kept. */
function giveUpPage(call: AnswererCall, heard: HeardFrame): void {
  const said = afterBlockOf(heard);
  if (said === null || call.receiver === null || call.fruitless('too_many_retries')) return;
  call.receiver.giveUp();
  call.voidPage();
  call.incomplete = true;
  call.answer('EOR', frame('ERR'));
  call.after = said.after === 'NULL' ? null : said.after;
  call.goto(said.after === 'EOP' ? 'farewell' : said.after === 'EOM' ? 'identification' : 'page_due');
}

/** CTC: the same partial page goes on at the rate that it names (T.30 §A.4.1). */
function continueToCorrect(call: AnswererCall, heard: HeardFrame): void {
  const modem = parseCtc(heard.fif);
  if (modem === null || call.receiver === null || call.fruitless('too_many_retries')) return;
  call.retrain(modem);
  call.tell({ type: 'negotiated', line: call.line });
  call.answer('CTC', frame('CTR'));
  call.goto('page_due');
}
