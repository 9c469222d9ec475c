import type { Letter } from '../../ports/mailer.ts';
import { letterOf } from './frame.ts';
import { ifNotYou, type Scene, sceneTable, sentence, whoOf } from './scene.ts';

/** What may be new of a log-in. */
export type Place = 'network' | 'device';

/** Somebody came from a network, or with a device, that this user never came from or with. */
export function newPlaceLetter(scene: Scene, fresh: readonly Place[]): Letter {
  const what = fresh.join(' and ');
  const how = fresh.includes('network') ? 'from' : 'with';
  return letterOf(scene, `Log-in of ${scene.user} ${how} a new ${what}`, [
    `${sentence(whoOf(scene))} has logged in ${how} a ${what} that the gateway does not know of this user.`,
    sceneTable(scene),
    'If it was you, or your server has moved, there is nothing to do.',
    ifNotYou(scene),
  ]);
}

/** Several tries were wrong, and the last one was right. */
export function afterFailuresLetter(scene: Scene, failures: number): Letter {
  return letterOf(scene, `Log-in of ${scene.user} after ${failures} refused ones`, [
    `${sentence(whoOf(scene))} has logged in. Within a day before it ${failures} log-ins of this user were refused.`,
    sceneTable(scene),
    'If you had mistyped the password or the code, there is nothing to do.',
    ifNotYou(scene),
  ]);
}

/** A TLS proxy stands between the client and the gateway. @param refused the policy of the account let nobody in by it */
export function interceptedLetter(scene: Scene, refused = false): Letter {
  const did = refused ? 'was refused: its log-in came' : 'has logged in';
  return letterOf(scene, `Intercepted TLS at a ${refused ? 'refused ' : ''}log-in of ${scene.user}`, [
    `${sentence(whoOf(scene))} ${did} through something that ends TLS on its way and shows a certificate of its own: a company's proxy, a virus scanner, or somebody who should not be there.`,
    sceneTable(scene),
    'Faxes and passwords are sealed once more inside of TLS, to the pinned key of the gateway, and cannot be read on the way. What it can see is when you send and how much.',
    'If you do not know of such a proxy, ask who looks after your network. The policy of an account can refuse such sessions.',
  ]);
}
