import { useState } from 'preact/hooks';
import type { Scope, User } from '../../client/browser.ts';
import { Button, CheckField, Form, Outcome, Panel } from '../components/index.ts';
import { useAct } from '../session.tsx';

/** What each scope lets a program do. */
export const SCOPES: readonly (readonly [Scope, string])[] = [
  ['send', 'Send faxes, cancel them, send them again'],
  ['read', 'Look at faxes, their pages, calls and events'],
  ['inbound', 'Fetch received faxes and their pages'],
  ['webhooks', 'Change webhooks and look at deliveries'],
  ['reports', 'Read call detail records and sums'],
];

/** Boxes for all scopes. */
export function ScopeFields({
  value,
  onInput,
}: {
  readonly value: readonly Scope[];
  readonly onInput: (scopes: readonly Scope[]) => void;
}) {
  return (
    <>
      {SCOPES.map(([scope, label]) => (
        <CheckField
          key={scope}
          label={label}
          checked={value.includes(scope)}
          onInput={(yes) =>
            onInput(SCOPES.map(([one]) => one).filter((one) => (one === scope ? yes : value.includes(one))))
          }
        />
      ))}
    </>
  );
}

/** What a program may do. */
export function Scopes({ user: { id, scopes }, onChanged }: { readonly user: User; readonly onChanged: () => void }) {
  const [wanted, setWanted] = useState<readonly Scope[]>(scopes);
  const act = useAct();
  const submit = async () => {
    const done = await act.run(async (admin) => {
      await admin.changeUser(id, { scopes: wanted });
      return 'That is what it may do now; its sessions have ended.';
    });
    if (done) onChanged();
  };
  const same = wanted.length === scopes.length && wanted.every((scope) => scopes.includes(scope));
  return (
    <Panel title="What it may do">
      <Form label="What it may do" onSubmit={() => void submit()}>
        <ScopeFields value={wanted} onInput={setWanted} />
        {wanted.length === 0 ? <p class="field-error">A user who may do nothing is better disabled.</p> : null}
        <Outcome act={act} />
        <p class="actions">
          <Button type="submit" busy={act.busy} disabled={same || wanted.length === 0}>
            Change
          </Button>
        </p>
      </Form>
    </Panel>
  );
}
