import { useEffect, useRef, useState } from 'preact/hooks';
import { codeField, type SignInDoor, type SignInFacts } from '../../client/browser.ts';
import { confirmWithPasskey, havePasskeys } from '../passkey-keeper.ts';
import { proveAt } from '../provider-trip.ts';
import { useAct, useLoad, useSession } from '../session.tsx';
import type { StepUpQuestion } from '../step-up.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Form, TextField } from './field.tsx';
import { FaultNotice, Loading } from './notice.tsx';
import { useDoors } from './provider-doors.tsx';

/** Asks who is there, whenever the gateway wants to know it again. */
export function StepUpDialog() {
  const { stepUp } = useSession();
  const [question, setQuestion] = useState<StepUpQuestion | undefined>(undefined);
  useEffect(() => stepUp.listen(setQuestion), [stepUp]);
  return question === undefined ? null : <Asked question={question} />;
}

function Asked({ question }: { readonly question: StepUpQuestion }) {
  const facts = useLoad((admin) => admin.signIn.facts(), []);
  return (
    <Dialog title="Is it you?" onClose={() => question.answer(null)}>
      <p>
        What you are about to do needs a fresh proof that you are the one who signed in. It counts for some minutes.
      </p>
      <Loading from={facts}>{(known) => <Proof facts={known} question={question} />}</Loading>
    </Dialog>
  );
}

function Proof({ facts, question }: { readonly facts: SignInFacts; readonly question: StepUpQuestion }) {
  const [typed, setTyped] = useState({ password: '', code: '' });
  const act = useAct();
  const place = useRef<HTMLDivElement>(null);
  // The dialog was open before it knew what to ask for.
  useEffect(() => place.current?.querySelector<HTMLElement>('input, button')?.focus(), []);
  const passkey = facts.passkeys > 0 && havePasskeys(location.hostname);
  const doors = useDoors();
  const door = doors.find(({ name }) => name === facts.provider);
  const submitted = facts.password ? 'password' : passkey ? 'passkey' : (door ?? 'password');
  const prove = async (way: 'password' | 'passkey' | SignInDoor) => {
    const proven = await act.run(async ({ signIn, passkeys }) => {
      const code = typed.code.replaceAll(/[\s-]/g, '');
      const proof = async () => {
        if (typeof way === 'object') return proveAt(way);
        if (way === 'passkey') return { passkey: await confirmWithPasskey(await passkeys.options()) };
        return { secret: typed.password, ...codeField(code === '' ? null : code) };
      };
      await signIn.prove(await proof());
    });
    if (proven) question.answer('proven');
    else setTyped((before) => ({ ...before, code: '' }));
  };
  return (
    <div ref={place}>
      <Form label="Prove that it is you" onSubmit={() => void prove(submitted)}>
        {facts.password ? (
          <TextField
            label="Your password"
            type="password"
            autocomplete="current-password"
            value={typed.password}
            onInput={(password) => setTyped({ ...typed, password })}
            required
          />
        ) : null}
        {facts.password && facts.totp ? (
          <TextField
            label="Six digits of your authenticator, or a recovery code"
            hint="Each code is right once: if you have just used this one, wait for the next."
            autocomplete="one-time-code"
            value={typed.code}
            onInput={(code) => setTyped({ ...typed, code })}
            required
          />
        ) : null}
        {facts.password || passkey || door !== undefined ? null : (
          <p>You have neither password nor passkey here: sign out, and in again the way you came.</p>
        )}
        <FaultNotice fault={act.fault} />
        <p class="actions">
          {facts.password ? (
            <Button kind="main" type="submit" busy={act.busy}>
              It is me
            </Button>
          ) : null}
          {passkey ? (
            <Button kind={facts.password ? 'plain' : 'main'} busy={act.busy} onPress={() => void prove('passkey')}>
              Use a passkey
            </Button>
          ) : null}
          {door === undefined ? null : (
            <Button
              kind={facts.password || passkey ? 'plain' : 'main'}
              busy={act.busy}
              disabled={door.door === null}
              onPress={() => void prove(door)}
            >
              Prove it at {door.title}
            </Button>
          )}
          <Button onPress={() => question.answer(null)}>Leave it</Button>
        </p>
      </Form>
    </div>
  );
}
