import { useState } from 'preact/hooks';
import type { User } from '../../client/browser.ts';
import { Button, Confirm, FaultNotice, Panel, SelectField, Time } from '../components/index.ts';
import { ShownOnce } from '../components/secret.tsx';
import { useAct } from '../session.tsx';

const HOUR = 3_600;
/** For how long the old secret goes on, seconds. */
const OVERLAPS: readonly (readonly [string, string])[] = [
  [String(24 * HOUR), 'a day'],
  [String(72 * HOUR), 'three days'],
  [String(168 * HOUR), 'a week'],
  [String(720 * HOUR), '30 days'],
  ['0', 'not at all: it ends now, with its sessions'],
];

/** The secret of a program: another one, and how long the old one goes on beside it. */
export function ApiSecret({ user, onChanged }: { readonly user: User; readonly onChanged: () => void }) {
  const [asked, setAsked] = useState<'new' | 'end' | undefined>(undefined);
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const done = () => {
    setAsked(undefined);
    onChanged();
  };
  return (
    <Panel title="Secret">
      {user.oldSecretUntil === null ? null : (
        <p>
          The old secret opens sessions beside the new one until <Time at={user.oldSecretUntil} />. The audit log says
          who still uses it.
        </p>
      )}
      <p class="actions">
        <Button onPress={() => setAsked('new')}>Make a new secret</Button>
        {user.oldSecretUntil === null ? null : (
          <Button kind="danger" onPress={() => setAsked('end')}>
            End the old one now
          </Button>
        )}
      </p>
      {asked === 'new' ? (
        <NewSecret
          user={user}
          onMade={(made) => {
            setSecret(made);
            setAsked(undefined);
          }}
          onClose={() => setAsked(undefined)}
        />
      ) : null}
      {asked === 'end' ? <EndOld user={user} onDone={done} onClose={() => setAsked(undefined)} /> : null}
      {secret === undefined ? null : (
        <ShownOnce
          title={`New secret of ${user.name}`}
          secrets={[['Secret', secret]]}
          advice="Give it to the program now; the gateway keeps only what checks it."
          onClose={() => {
            setSecret(undefined);
            done();
          }}
        />
      )}
    </Panel>
  );
}

function NewSecret({
  user: { id, name },
  onMade,
  onClose,
}: {
  readonly user: User;
  readonly onMade: (secret: string) => void;
  readonly onClose: () => void;
}) {
  const [overlap, setOverlap] = useState(String(24 * HOUR));
  const act = useAct();
  const make = () => void act.run(async (admin) => onMade(await admin.rotateSecret(id, Number(overlap))));
  return (
    <Confirm title={`A new secret for ${name}`} verb="Make it" busy={act.busy} onConfirm={make} onClose={onClose}>
      <FaultNotice fault={act.fault} />
      <SelectField
        label="The old one goes on for"
        hint="So that the program can be moved without a gap. After a theft: not at all."
        value={overlap}
        options={OVERLAPS}
        onInput={setOverlap}
      />
    </Confirm>
  );
}

function EndOld({
  user: { id, name },
  onDone,
  onClose,
}: {
  readonly user: User;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const act = useAct();
  const end = async () => {
    if (await act.run((admin) => admin.endOldSecret(id))) onDone();
  };
  return (
    <Confirm
      title={`End the old secret of ${name}`}
      verb="End it"
      danger
      busy={act.busy}
      onConfirm={() => void end()}
      onClose={onClose}
    >
      <FaultNotice fault={act.fault} />
      <p>The user’s sessions end, and programs that still have the old secret cannot log in any more.</p>
    </Confirm>
  );
}
