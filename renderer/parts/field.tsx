import type { ComponentChildren, JSX } from "preact";
import "./field.css";

/** A control with its name above it. */
function Field({ label, children, width }: { readonly label: string; readonly children: ComponentChildren; readonly width?: number }): JSX.Element {
  return (
    <label class="field" style={width === undefined ? undefined : { width: `${width}px` }}>
      <span>{label}</span>
      {children}
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
  readonly width?: number;
}

export function Choice({ label, value, choices, onChange, ...size }: ChoiceProps): JSX.Element {
  // What was chosen once stays to be seen when it is no longer offered.
  const all = choices.some(([known]) => known === value) ? choices : [...choices, [value, value] as const];
  return (
    <Field label={label} {...size}>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {all.map(([known, text]) => (
          <option key={known} value={known}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
  readonly width?: number;
  /** What may be meant, by the id of a `datalist`. */
  readonly suggestions?: string;
}

export function TextField({ label, value, placeholder, onChange, suggestions, ...size }: TextFieldProps): JSX.Element {
  return (
    <Field label={label} {...size}>
      <input type="text" value={value} placeholder={placeholder} list={suggestions} spellcheck={false} onInput={(event) => onChange(event.currentTarget.value)} />
    </Field>
  );
}
