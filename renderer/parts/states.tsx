import type { ComponentChildren, JSX } from "preact";
import "./states.css";

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="state">
      <h2>{title}</h2>
      <div class="quiet">{children}</div>
    </div>
  );
}

export function Loading({ what }: { readonly what: string }): JSX.Element {
  return (
    <div class="state" role="status">
      <p class="quiet">
        <Turning /> {what}
      </p>
    </div>
  );
}

export function Turning(): JSX.Element {
  return (
    <svg class="turning-mark turning" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 2a6 6 0 1 1-6 6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
    </svg>
  );
}

/** What happened, where and what to do, as the lab says it. */
export function Failure({ message, children }: { readonly message: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="state failure" role="alert">
      <p class="failure-text">{message}</p>
      {children}
    </div>
  );
}
