import type { ComponentChildren } from 'preact';

/** In place of a list that has nothing in it: why, and what would put something there. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}
