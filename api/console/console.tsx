import { useEffect, useState } from 'preact/hooks';
import type { Admin, Me } from '../client/browser.ts';
import { StepUpDialog } from './components/step-up-dialog.tsx';
import { Layout } from './layout.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { type Session, SessionContext } from './session.tsx';
import type { StepUpDesk } from './step-up.ts';

/** After so long without a hand on it the console signs out. Milliseconds; the gateway's own limit is as long. */
const IDLE = 15 * 60_000;
const SIGNS_OF_LIFE = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** Somebody who has proved who they are. */
export interface SignedIn {
  readonly admin: Admin;
  readonly me: Me;
  readonly host: string;
  readonly stepUp: StepUpDesk;
}

/** The sign-in form, or the pages of who has signed in. */
export function Console() {
  const [signedIn, setSignedIn] = useState<SignedIn | undefined>(undefined);
  const [why, setWhy] = useState('');
  const leave = (reason = '') => {
    setWhy(reason);
    setSignedIn(undefined);
    void signedIn?.admin.close();
  };
  useIdle(signedIn !== undefined, () => leave('Nobody used the console for a quarter of an hour. Sign in again.'));
  useEffect(() => {
    if (signedIn === undefined) return;
    // A page that goes away takes its keys with it; the gateway is told as far as there is time.
    const gone = () => void signedIn.admin.close();
    addEventListener('pagehide', gone);
    return () => removeEventListener('pagehide', gone);
  }, [signedIn]);
  if (signedIn === undefined) return <SignIn why={why} onSignedIn={setSignedIn} />;
  const session: Session = { ...signedIn, signOut: leave };
  return (
    <SessionContext.Provider value={session}>
      <Layout />
      <StepUpDialog />
    </SessionContext.Provider>
  );
}

/** Calls `rest` when nobody has touched the page for a while: what a page reads by itself is no sign of life. */
function useIdle(on: boolean, rest: () => void): void {
  useEffect(() => {
    if (!on) return;
    let last = performance.now();
    const alive = () => {
      last = performance.now();
    };
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, alive, { passive: true });
    const timer = setInterval(() => {
      if (performance.now() - last > IDLE) rest();
    }, 5_000);
    return () => {
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, alive);
      clearInterval(timer);
    };
  }, [on]);
}
