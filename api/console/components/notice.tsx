import type { ComponentChildren } from 'preact';
import type { Fault } from '../faults.ts';
import type { Act, Loaded } from '../session.tsx';

const SIGNS = { info: 'i', good: '✓', warning: '!', fault: '×' } as const;
const NAMES = { info: 'Note', good: 'Done', warning: 'Attention', fault: 'Fault' } as const;

/** Something that a person should know. Faults interrupt a screen reader, the others wait. */
export function Notice({
  kind = 'info',
  title,
  children,
}: {
  readonly kind?: keyof typeof SIGNS;
  readonly title?: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'fault' ? 'alert' : 'status'}>
      <span class="sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <div>
        <span class="unseen">{NAMES[kind]}: </span>
        {title === undefined ? null : <strong>{title} </strong>}
        {children}
      </div>
    </div>
  );
}

/** A failure and what to do about it; nothing without one. */
export function FaultNotice({ fault }: { readonly fault: Fault | undefined }) {
  if (fault === undefined) return null;
  return (
    <Notice kind="fault" title={fault.text}>
      {fault.advice}
    </Notice>
  );
}

/** What came of an act: its fault, or what it says. */
export function Outcome({ act }: { readonly act: Act }) {
  if (act.fault !== undefined) return <FaultNotice fault={act.fault} />;
  return act.done === '' ? null : <Notice kind="good">{act.done}</Notice>;
}

/** What has been read, drawn by `children`; before that a line that says so, and a fault when there is one. */
export function Loading<T>({
  from,
  children,
}: {
  readonly from: Loaded<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  return (
    <>
      <FaultNotice fault={from.fault} />
      {from.value !== undefined ? children(from.value) : from.loading ? <p class="loading">Reading…</p> : null}
    </>
  );
}
