import type { ComponentChildren } from 'preact';

/** @see Button */
export interface ButtonParts {
  readonly children: ComponentChildren;
  /** `main`: what the page is for, once on it. `danger`: cannot be taken back. */
  readonly kind?: 'main' | 'plain' | 'danger' | 'quiet';
  /** `submit` sends the form around it. */
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** It is being done: no second press counts, and a screen reader hears it. */
  readonly busy?: boolean;
  /** What it is about, where its text alone does not say it: `Pause carrier trunk-a`. */
  readonly label?: string;
  readonly onPress?: () => void;
}

/** Something that a person can do. */
export function Button({ children, kind = 'plain', type = 'button', disabled, busy, label, onPress }: ButtonParts) {
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled === true}
      aria-disabled={busy === true}
      aria-busy={busy === true}
      aria-label={label}
      onClick={(event) => {
        if (busy === true) event.preventDefault();
        else onPress?.();
      }}
    >
      {children}
    </button>
  );
}

/** A link that looks like a button, for what leads elsewhere. */
export function ButtonLink({
  to,
  children,
  kind = 'plain',
}: {
  to: string;
  children: ComponentChildren;
  kind?: 'main' | 'plain';
}) {
  return (
    <a class={`button ${kind}`} href={to}>
      {children}
    </a>
  );
}
