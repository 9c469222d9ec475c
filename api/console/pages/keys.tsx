import { useState } from 'preact/hooks';
import type { GatewayKey, RotatedKey } from '../../client/browser.ts';
import {
  Button,
  Confirm,
  FaultNotice,
  Loading,
  Mark,
  Notice,
  Outcome,
  PageHead,
  Panel,
  Table,
  Time,
} from '../components/index.ts';
import { giveFile } from '../download.ts';
import { counted } from '../format.ts';
import { useMay } from '../rights.ts';
import { useAct, useLoad } from '../session.tsx';

/** What people call each key. */
const NAMES: Readonly<Record<GatewayKey['use'], string>> = {
  root: 'Root',
  'next-root': 'Next root',
  handshake: 'Handshake',
  receipt: 'Receipts',
  webhook: 'Webhooks',
  'api-secrets': 'API secrets',
  'record-seal': 'Record seal',
};

const STATES = {
  current: <Mark kind="good">in use</Mark>,
  announced: <Mark kind="warning">announced</Mark>,
  overlapping: <Mark kind="warning">signs beside</Mark>,
  retired: <Mark kind="idle">retired</Mark>,
} as const;

/** The root, and the keys that sign and seal: since when, what for, and others in their place. */
export function Keys() {
  const found = useLoad((admin) => admin.keys(), []);
  const mayRotate = useMay('owner');
  const [asked, setAsked] = useState<RotatedKey | undefined>(undefined);
  return (
    <>
      <PageHead title="Keys">
        <Statement />
      </PageHead>
      {mayRotate ? null : <Notice>Owners alone replace keys.</Notice>}
      <Loading from={found}>
        {(keys) => (
          <>
            <Panel title="In use">
              <p class="quiet">
                Open sessions go on whatever is replaced, and what an old key signed stays valid. The root key, which
                seals all of these, is kept by whoever runs the gateway and is not among them.
              </p>
              <KeyTable
                keys={keys.filter(({ state }) => state !== 'retired')}
                onRotate={mayRotate ? setAsked : undefined}
              />
            </Panel>
            <Retired keys={keys.filter(({ state }) => state === 'retired')} />
          </>
        )}
      </Loading>
      {asked === undefined ? null : (
        <Rotation
          of={asked}
          onDone={() => {
            setAsked(undefined);
            found.reload();
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

function KeyTable({
  keys,
  onRotate,
}: {
  readonly keys: readonly GatewayKey[];
  readonly onRotate?: ((key: RotatedKey) => void) | undefined;
}) {
  const announced = keys.some(({ state }) => state === 'announced');
  return (
    <Table
      caption={counted(keys.length, 'key')}
      rows={keys}
      rowKey={({ use, kid }) => `${use} ${kid}`}
      columns={[
        {
          heading: 'Key',
          cell: ({ use, about }) => (
            <>
              {NAMES[use]}
              <p class="hint">{about}</p>
            </>
          ),
        },
        { heading: 'State', cell: ({ state }) => STATES[state] },
        { heading: 'Since', cell: ({ since }) => <Time at={since} ago />, wide: true },
        { heading: 'Until', cell: ({ until }) => <Time at={until} />, wide: true },
        { heading: 'Id', cell: ({ kid }) => (kid === null ? '–' : <code class="hint">{kid}</code>), wide: true },
        ...(onRotate === undefined
          ? []
          : [
              {
                heading: 'Do',
                cell: (key: GatewayKey) => <Deeds of={key} announced={announced} onRotate={onRotate} />,
              },
            ]),
      ]}
    />
  );
}

/** What can be done with a key. A root is announced before it takes over. */
function Deeds({
  of: { use, rotates, state },
  announced,
  onRotate,
}: {
  readonly of: GatewayKey;
  readonly announced: boolean;
  readonly onRotate: (key: RotatedKey) => void;
}) {
  if (use === 'next-root' && state === 'announced') {
    return (
      <Button kind="danger" label="Let it take over: the next root" onPress={() => onRotate('root')}>
        Let it take over
      </Button>
    );
  }
  if (use === 'root' && rotates) {
    return (
      <Button
        label={announced ? 'Announce another root' : 'Announce the next root'}
        onPress={() => onRotate('next-root')}
      >
        Announce
      </Button>
    );
  }
  if (!rotates || (use !== 'handshake' && use !== 'receipt' && use !== 'webhook')) return '–';
  return (
    <Button label={`Replace the key: ${NAMES[use]}`} onPress={() => onRotate(use)}>
      Replace
    </Button>
  );
}

function Retired({ keys }: { readonly keys: readonly GatewayKey[] }) {
  if (keys.length === 0) return null;
  return (
    <Panel title="Retired">
      <p class="quiet">
        They sign nothing any more. Their public parts stay, so that what they signed can be verified.
      </p>
      <KeyTable keys={keys} />
    </Panel>
  );
}

/** What happens, before it does. */
const CONSEQUENCES: Readonly<
  Record<RotatedKey, { readonly title: string; readonly verb: string; readonly text: string }>
> = {
  handshake: {
    title: 'Replace the handshake key',
    verb: 'Replace it',
    text: 'The next hellos are answered with another key; in a cluster five minutes from now. Nobody notices.',
  },
  receipt: {
    title: 'Replace the key of receipts',
    verb: 'Replace it',
    text: 'Receipts and heads of the audit log are signed with another key from now on. Older ones stay valid.',
  },
  webhook: {
    title: 'Replace the key of webhooks',
    verb: 'Replace it',
    text: 'Both keys sign for two weeks. Tell receivers who verify v1a signatures the new public key until then.',
  },
  'next-root': {
    title: 'Announce the next root',
    verb: 'Announce it',
    text: 'From now on connection strings hold its pin, too, and clients learn it with every session. It signs nothing yet.',
  },
  root: {
    title: 'Let the next root take over',
    verb: 'Let it take over',
    text: 'The old root signs that the new one follows, and is destroyed; this cannot be taken back. Our clients go on by themselves. Clients of others need new connection strings before, unless they follow successions.',
  },
};

function Rotation({
  of,
  onDone,
  onClose,
}: {
  readonly of: RotatedKey;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const act = useAct();
  const { title, verb, text } = CONSEQUENCES[of];
  const rotate = async () => {
    if (await act.run((admin) => admin.rotateKey(of))) onDone();
  };
  return (
    <Confirm
      title={title}
      verb={verb}
      danger={of === 'root'}
      busy={act.busy}
      onConfirm={() => void rotate()}
      onClose={onClose}
    >
      <FaultNotice fault={act.fault} />
      <p>{text}</p>
    </Confirm>
  );
}

/** The public keys as a file for auditors and customers. */
function Statement() {
  const act = useAct();
  const give = async () => {
    await act.run(async (admin) => {
      const file = `${JSON.stringify(await admin.keyStatement(), null, 2)}\n`;
      giveFile('sealfax-keys.json', 'application/json', [new TextEncoder().encode(file)]);
      return 'Check it with: sealfax verify statement sealfax-keys.json';
    });
  };
  return (
    <>
      <Button busy={act.busy} onPress={() => void give()}>
        Public statement
      </Button>
      <Outcome act={act} />
    </>
  );
}
