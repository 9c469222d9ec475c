import { useState } from 'preact/hooks';
import type { FaxNumber } from '../../../client/browser.ts';
import {
  Button,
  Confirm,
  Empty,
  FaultNotice,
  Form,
  Loading,
  Outcome,
  Panel,
  Table,
  TextField,
  Time,
} from '../../components/index.ts';
import { counted } from '../../format.ts';
import { useMay } from '../../rights.ts';
import { useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';

/** Numbers whose faxes an account receives, and which it may show when it sends. */
export function AccountNumbers({ account: { id, name } }: AccountParts) {
  const numbers = useLoad((admin) => admin.numbers(id), [id]);
  const mayChange = useMay('admin');
  const [leaving, setLeaving] = useState<FaxNumber | undefined>(undefined);
  return (
    <>
      <Panel title="Numbers">
        <Loading from={numbers}>
          {(items) => <NumberTable numbers={items} onRemove={mayChange ? setLeaving : undefined} />}
        </Loading>
      </Panel>
      {mayChange ? <AddNumber account={id} onAdded={numbers.reload} /> : null}
      {leaving === undefined ? null : (
        <RemoveNumber
          account={id}
          name={name}
          of={leaving}
          onDone={() => {
            setLeaving(undefined);
            numbers.reload();
          }}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </>
  );
}

function NumberTable({
  numbers,
  onRemove,
}: {
  readonly numbers: readonly FaxNumber[];
  readonly onRemove: ((number: FaxNumber) => void) | undefined;
}) {
  return (
    <Table
      caption={counted(numbers.length, 'number')}
      empty={<Empty title="No numbers">It receives no faxes, and shows no number of its own when it sends.</Empty>}
      rows={numbers}
      rowKey={told}
      columns={[
        { heading: 'Number', cell: ({ number }) => number },
        { heading: 'Subaddress', cell: ({ subaddress }) => subaddress ?? '–' },
        { heading: 'Label', cell: ({ label }) => label },
        { heading: 'Since', cell: ({ createdAt }) => <Time at={createdAt} />, wide: true },
        {
          heading: 'Do',
          cell: (number) =>
            onRemove === undefined ? (
              '–'
            ) : (
              <Button kind="danger" label={`Take away ${told(number)}`} onPress={() => onRemove(number)}>
                Take away
              </Button>
            ),
        },
      ]}
    />
  );
}

function told({ number, subaddress }: FaxNumber): string {
  return subaddress === null ? number : `${number} subaddress ${subaddress}`;
}

function RemoveNumber({
  account,
  name,
  of: number,
  onDone,
  onClose,
}: {
  readonly account: string;
  readonly name: string;
  readonly of: FaxNumber;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const act = useAct();
  const remove = async () => {
    const { subaddress } = number;
    const done = await act.run((admin) =>
      subaddress === null
        ? admin.removeNumber(account, number.number)
        : admin.removeSubaddress(number.number, subaddress),
    );
    if (done) onDone();
  };
  return (
    <Confirm
      title={`Take ${told(number)} from ${name}`}
      verb="Take it away"
      danger
      busy={act.busy}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <FaultNotice fault={act.fault} />
      <p>Calls to it are refused from now on, until somebody has it again. Faxes that were received stay.</p>
    </Confirm>
  );
}

/** What a person types. */
const NOTHING = { number: '', subaddress: '', label: '' };

function AddNumber({ account, onAdded }: { readonly account: string; readonly onAdded: () => void }) {
  const [typed, setTyped] = useState(NOTHING);
  const act = useAct();
  const type = (change: Partial<typeof NOTHING>) => setTyped({ ...typed, ...change });
  const wrong = act.fault?.fields ?? {};
  const submit = async () => {
    const { subaddress, label } = typed;
    const number = typed.number.replaceAll(/[\s()/-]/g, '');
    const done = await act.run(async (admin) => {
      if (subaddress === '') await admin.addNumber(account, { number, label });
      else await admin.addSubaddress(number, subaddress, { account, label });
      return `${number} belongs to the account.`;
    });
    if (!done) return;
    setTyped(NOTHING);
    onAdded();
  };
  return (
    <Panel title="Give it a number">
      <Form label="Give it a number" inline onSubmit={() => void submit()}>
        <TextField
          label="Number"
          type="tel"
          placeholder="+49301234567"
          value={typed.number}
          error={wrong['/number']}
          onInput={(number) => type({ number })}
          required
        />
        <TextField
          label="Subaddress"
          hint="Only of a number that accounts share."
          value={typed.subaddress}
          error={wrong['/subaddress']}
          onInput={(subaddress) => type({ subaddress: subaddress.trim() })}
        />
        <TextField label="Label" value={typed.label} error={wrong['/label']} onInput={(label) => type({ label })} />
        <Button type="submit" busy={act.busy}>
          Add
        </Button>
      </Form>
      <Outcome act={act} />
    </Panel>
  );
}
