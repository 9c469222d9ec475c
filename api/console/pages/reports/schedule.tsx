import { useState } from 'preact/hooks';
import type { Admin, ReportSchedule, User } from '../../../client/browser.ts';
import {
  Button,
  CheckField,
  Dialog,
  Form,
  Loading,
  Notice,
  NumberField,
  Outcome,
  SelectField,
  TextField,
  Time,
} from '../../components/index.ts';
import { counted } from '../../format.ts';
import { may, useAct, useLoad, useSession } from '../../session.tsx';

const EVERY: readonly (readonly [ReportSchedule['every'], string])[] = [
  ['daily', 'each day'],
  ['weekly', 'each week'],
  ['monthly', 'each month'],
];

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What is chosen in the dialog. */
interface Wish {
  readonly every: ReportSchedule['every'];
  readonly hour: number | null;
  readonly weekday: number;
  readonly day: number | null;
  readonly timeZone: string;
  readonly administrators: readonly string[];
  readonly account: boolean;
}

/** Mails a saved report, each day, week or month. */
export function ScheduleReport({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const { me } = useSession();
  const found = useLoad(
    async (admin) => ({ schedule: await admin.reports.schedules.get(name), readers: await readersFor(admin, me) }),
    [name],
  );
  return (
    <Dialog title={`Mail ${name}`} onClose={onClose}>
      <Loading from={found}>
        {({ schedule, readers }) => (
          <ScheduleForm name={name} schedule={schedule} readers={readers} onClose={onClose} />
        )}
      </Loading>
    </Dialog>
  );
}

/** Those whom one may name: only administrators of all accounts see the others. */
async function readersFor(
  admin: Admin,
  me: { readonly id: string; readonly name: string; readonly scope: object | null },
): Promise<Pick<User, 'id' | 'name'>[]> {
  if (me.scope !== null) return [me];
  const all = await admin.administrators();
  return all.filter(({ disabled, scope }) => !disabled && scope === null);
}

function ScheduleForm({
  name,
  schedule,
  readers,
  onClose,
}: {
  readonly name: string;
  readonly schedule: ReportSchedule | undefined;
  readonly readers: readonly Pick<User, 'id' | 'name'>[];
  readonly onClose: () => void;
}) {
  const { me } = useSession();
  const fixed = !may(me, 'operator');
  const [wish, setWish] = useState<Wish>(schedule ?? startOf(me.id));
  const act = useAct();
  const wrong = act.fault?.fields ?? {};
  const save = async () => {
    const { hour, day, administrators, ...rest } = wish;
    const whole = { ...rest, hour: hour ?? 0, day: day ?? 1, administrators: [...administrators] };
    if (await act.run((admin) => admin.reports.schedules.set(name, whole))) onClose();
  };
  const remove = async () => {
    if (await act.run((admin) => admin.reports.schedules.remove(name))) onClose();
  };
  return (
    <Form label={`Mail ${name}`} onSubmit={() => void save()}>
      <State schedule={schedule} />
      <When wish={wish} onInput={setWish} wrong={wrong} fixed={fixed} />
      <fieldset class="several" disabled={fixed}>
        <legend>To</legend>
        {readers.map(({ id, name: reader }) => (
          <CheckField
            key={id}
            label={reader}
            checked={wish.administrators.includes(id)}
            disabled={fixed}
            onInput={(on) => setWish({ ...wish, administrators: toggled(wish.administrators, id, on) })}
          />
        ))}
        {me.scope === null ? null : (
          <CheckField
            label={`the addresses of ${me.scope.name}`}
            checked={wish.account}
            disabled={fixed}
            onInput={(account) => setWish({ ...wish, account })}
          />
        )}
      </fieldset>
      <p class="hint">
        Administrators get it at the address of their notices, with numbers as their role sees them: auditors the last
        four digits, all others whole numbers.
      </p>
      <Outcome act={act} />
      <p class="actions">
        {fixed ? null : (
          <Button kind="main" type="submit" busy={act.busy}>
            {schedule === undefined ? 'Mail it' : 'Change'}
          </Button>
        )}
        {schedule === undefined || fixed ? null : (
          <Button busy={act.busy} onPress={() => void remove()}>
            Mail it no more
          </Button>
        )}
        <Button onPress={onClose}>Leave it</Button>
      </p>
    </Form>
  );
}

function State({ schedule }: { readonly schedule: ReportSchedule | undefined }) {
  if (schedule === undefined) return <p>It is not mailed.</p>;
  const { sends, addresses, nextAt } = schedule;
  if (!sends) return <Notice kind="warning" title="This gateway sends no mails yet." />;
  if (addresses === 0)
    return (
      <Notice kind="warning" title="Nobody would get it.">
        None of those below has an address for notices.
      </Notice>
    );
  return (
    <p>
      Next <Time at={nextAt} />, to {counted(addresses, 'address', 'addresses')}.
    </p>
  );
}

function When({
  wish,
  onInput,
  wrong,
  fixed,
}: {
  readonly wish: Wish;
  readonly onInput: (wish: Wish) => void;
  readonly wrong: Readonly<Record<string, string>>;
  readonly fixed: boolean;
}) {
  const every = (text: string) => EVERY.find(([one]) => one === text)?.[0] ?? 'daily';
  return (
    <>
      <SelectField
        label="When"
        value={wish.every}
        options={EVERY}
        disabled={fixed}
        onInput={(text) => onInput({ ...wish, every: every(text) })}
      />
      {wish.every === 'weekly' ? (
        <SelectField
          label="Day"
          value={String(wish.weekday)}
          options={WEEKDAYS.map((day, index) => [String(index + 1), day] as const)}
          disabled={fixed}
          onInput={(text) => onInput({ ...wish, weekday: Number(text) })}
        />
      ) : null}
      {wish.every === 'monthly' ? (
        <NumberField
          label="Day of the month"
          value={wish.day}
          error={wrong['/day']}
          min={1}
          max={28}
          disabled={fixed}
          onInput={(day) => onInput({ ...wish, day })}
        />
      ) : null}
      <NumberField
        label="Hour"
        hint="Of the time zone below, 0 to 23."
        value={wish.hour}
        error={wrong['/hour']}
        min={0}
        max={23}
        disabled={fixed}
        onInput={(hour) => onInput({ ...wish, hour })}
      />
      <TextField
        label="Time zone"
        value={wish.timeZone}
        error={wrong['/timeZone']}
        disabled={fixed}
        onInput={(timeZone) => onInput({ ...wish, timeZone })}
        required
      />
    </>
  );
}

function startOf(me: string): Wish {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { every: 'daily', hour: 7, weekday: 1, day: 1, timeZone, administrators: [me], account: false };
}

function toggled(all: readonly string[], one: string, on: boolean): string[] {
  return on ? [...all, one] : all.filter((other) => other !== one);
}
