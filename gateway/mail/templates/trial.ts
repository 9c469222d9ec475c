import type { Letter } from '../../ports/mailer.ts';
import { letterOf, moment, type Sender } from './frame.ts';

/** What an administrator sends to see whether mails arrive. */
export function trialLetter(sender: Sender, administrator: string, at: number): Letter {
  return letterOf(sender, 'A trial message', [
    `Administrator ${administrator} has asked for this message on ${moment(at)}. It has arrived: notices and reports of this gateway will, too.`,
  ]);
}
