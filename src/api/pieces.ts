import * as v from "valibot";

/** Pieces of the contract's schemas. Everything that can be long has a limit. */

/** One line or a few: a name, a path, a reason. */
export const line = v.pipe(v.string(), v.maxLength(4096));
/** A file's text, a report. */
export const text = v.pipe(v.string(), v.maxLength(4 * 1024 * 1024));
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const finite = v.pipe(v.number(), v.finite());
export const flag = v.boolean();
/** Whatever memory they lie in. */
export const bytes = v.instance(Uint8Array as new () => Uint8Array);

/** A list of at most `longest` items. */
export const list = <Item extends v.GenericSchema>(item: Item, longest = 10_000) => v.pipe(v.array(item), v.maxLength(longest), v.readonly());

/** Named numbers: counters, hits. */
export const counters = v.record(line, finite);

/** A schema for each field of a type and for no other: a field that is new there is an error where its schema is. */
export type FieldsOf<Type> = Record<keyof Type, v.GenericSchema>;
