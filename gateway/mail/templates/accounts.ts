import type { Letter } from '../../ports/mailer.ts';
import { letterOf, moment } from './frame.ts';
import { type Scene, sceneTable } from './scene.ts';

/** What letters about an account tell of it. */
export type AccountScene = Pick<Scene, 'host' | 'at' | 'address' | 'by'> & { readonly account: string };

/** @param eraseAt when it cannot be opened again; null when nobody said so */
export function closedLetter(scene: AccountScene, eraseAt: number | null): Letter {
  const until = eraseAt === null ? [] : [['Erased', moment(eraseAt)] as const];
  return letterOf(scene, `Account ${scene.account} closed`, [
    `The account ${scene.account} was closed. Nobody of it can log in, faxes that had not ended are cancelled, and images are wiped. Records of calls stay as long as they must.`,
    sceneTable({ ...scene, user: '', realm: 'admin' }, until),
    'Until it is erased an administrator can open it again. If this is not what you expect, tell whoever runs the gateway now.',
  ]);
}

/** A closed account that is open again. */
export function reopenedLetter(scene: AccountScene): Letter {
  return letterOf(scene, `Account ${scene.account} open again`, [
    `The account ${scene.account}, which had been closed, is open again. Its users may log in as before; webhooks stay off until somebody switches them on.`,
    sceneTable({ ...scene, user: '', realm: 'admin' }),
    'If this is not what you expect, tell whoever runs the gateway now.',
  ]);
}
