import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';

/** @see Dialog */
export interface DialogParts {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Escape, or the button that closes it. */
  readonly onClose: () => void;
}

/** A dialog over the page; the page behind it rests, and the focus comes back to where it was. */
export function Dialog({ title, children, onClose }: DialogParts) {
  const place = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = place.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={place}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something is done. */
export function Confirm({
  title,
  children,
  verb,
  danger,
  busy,
  onConfirm,
  onClose,
}: DialogParts & {
  /** What the button says: `Pause`, `Delete`. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <p class="actions">
        <Button kind={danger === true ? 'danger' : 'main'} busy={busy === true} onPress={onConfirm}>
          {verb}
        </Button>
        <Button onPress={onClose}>Leave it as it is</Button>
      </p>
    </Dialog>
  );
}
